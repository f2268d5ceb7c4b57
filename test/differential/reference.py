"""Runs models through another implementation.

reference.py tflm|litert FOLDER: for each model_NNNN.tflite, the vectors of model_NNNN.in.bin (all inputs of one vector in the model's order, vector after
vector) give model_NNNN.JUDGE.bin in the same layout, or model_NNNN.JUDGE.refused with the reason. JUDGE.txt gets the
implementation's release number.

reference.py tflm --check SHARED: exit status 1 unless it gives the golden outputs of SHARED/golden for the single-operator
models of SHARED/models/seanet. Releases differ in their arithmetic; this tells the one that is meant.
"""
import importlib.metadata
import importlib.util
import os
import pathlib
import sys
import types

import numpy


class LiteRt:
    """LiteRT's interpreter with its reference kernels."""
    package = "ai-edge-litert"

    def __init__(self, model: bytes):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        self.interpreter = Interpreter(model_content=model, num_threads=1,
                                       experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        self.interpreter.allocate_tensors()
        self.inputs = self.interpreter.get_input_details()
        self.outputs = self.interpreter.get_output_details()

    def invoke(self, values: list) -> bytes:
        for detail, value in zip(self.inputs, values):
            self.interpreter.set_tensor(detail["index"], value)
        self.interpreter.invoke()
        return b"".join(self.interpreter.get_tensor(detail["index"]).tobytes() for detail in self.outputs)


class Tflm:
    """TensorFlow Lite Micro's interpreter with its reference kernels."""
    package = "tflite-micro"
    arena_bytes = 1 << 23

    def __init__(self, model: bytes):
        self.import_parts()
        from tflite_micro.python.tflite_micro import _runtime as runtime
        from tflite_micro.tensorflow.lite.python import schema_py_generated as schema
        graph = schema.Model.GetRootAs(model, 0).Subgraphs(0)
        self.interpreter = runtime.InterpreterWrapper(
            model, [], self.arena_bytes, 0, runtime.PythonInterpreterConfig.kAllocationRecording)
        self.inputs = [self.interpreter.GetInputTensorDetails(i) for i in range(graph.InputsLength())]
        self.output_count = graph.OutputsLength()

    @staticmethod
    def import_parts() -> None:
        """Lets parts of the package be imported without its __init__, whose tools want all of TensorFlow."""
        if "tflite_micro" not in sys.modules:
            package = types.ModuleType("tflite_micro")
            package.__path__ = importlib.util.find_spec("tflite_micro").submodule_search_locations
            sys.modules["tflite_micro"] = package

    def invoke(self, values: list) -> bytes:
        for i, value in enumerate(values):
            self.interpreter.SetInputTensor(value, i)
        self.interpreter.Invoke()
        return b"".join(self.interpreter.GetOutputTensor(i).tobytes() for i in range(self.output_count))


JUDGES = {"tflm": Tflm, "litert": LiteRt}


def run(judge, model: pathlib.Path, inputs: pathlib.Path) -> bytes:
    implementation = judge(model.read_bytes())
    data = inputs.read_bytes()
    position, result = 0, b""
    while position < len(data):
        values = []
        for detail in implementation.inputs:
            count = int(numpy.prod(detail["shape"], dtype=numpy.int64))
            value = numpy.frombuffer(data, detail["dtype"], count, position).reshape(detail["shape"])
            position += value.nbytes
            values.append(value)
        result += implementation.invoke(values)
    return result


def run_or_refuse(name: str, models: list) -> None:
    for model in models:
        try:
            model.with_suffix(f".{name}.bin").write_bytes(run(JUDGES[name], model, model.with_suffix(".in.bin")))
        except (RuntimeError, ValueError) as refusal:
            model.with_suffix(f".{name}.refused").write_text(str(refusal))


def has_result(name: str, model: pathlib.Path) -> bool:
    return any(model.with_suffix(f".{name}.{suffix}").exists() for suffix in ("bin", "refused"))


def check(name: str, shared: pathlib.Path) -> None:
    models = sorted((shared / "models/seanet").glob("*.tflite"))
    golden = shared / "golden/seanet"
    differ = [model.stem for model in models
              if run(JUDGES[name], model, golden / f"{model.stem}.in.bin") != (golden / f"{model.stem}.out.bin").read_bytes()]
    if differ or not models:
        sys.exit(f"{name} differs from the golden outputs of {len(differ)} of {len(models)} models: {' '.join(differ)}")


def judge_folder(name: str, folder: pathlib.Path) -> None:
    (folder / f"{name}.txt").write_text(importlib.metadata.version(JUDGES[name].package) + "\n")
    models = sorted(folder.glob("model_*.tflite"))
    while models:
        # A child: both implementations stop the program at some models. The next child goes on behind such a one.
        child = os.fork()
        if child == 0:
            run_or_refuse(name, models)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        models = [model for model in models if not has_result(name, model)]
        if status < 0 and models:
            models.pop(0).with_suffix(f".{name}.refused").write_text(f"stopped by signal {-status}")
        elif status != 0 or models:
            sys.exit(f"{name}: exit status {status}, {len(models)} models left")


def main() -> None:
    if sys.argv[2] == "--check":
        check(sys.argv[1], pathlib.Path(sys.argv[3]))
    else:
        judge_folder(sys.argv[1], pathlib.Path(sys.argv[2]))


main()
