"""Runs the models of a folder through LiteRT's reference kernels.

For each model_NNNN.tflite, the vectors of model_NNNN.in.bin (all inputs of one vector in the model's order, vector after
vector) give model_NNNN.ref.bin in the same layout, or model_NNNN.refused with the reason. reference.txt gets LiteRT's
release number.
"""
import importlib.metadata
import os
import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def run(model: pathlib.Path) -> bytes:
    interpreter = Interpreter(model_path=str(model), num_threads=1,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    data = model.with_suffix(".in.bin").read_bytes()
    position, result = 0, b""
    while position < len(data):
        for detail in inputs:
            count = int(numpy.prod(detail["shape"], dtype=numpy.int64))
            values = numpy.frombuffer(data, detail["dtype"], count, position).reshape(detail["shape"])
            position += values.nbytes
            interpreter.set_tensor(detail["index"], values)
        interpreter.invoke()
        result += b"".join(interpreter.get_tensor(detail["index"]).tobytes() for detail in outputs)
    return result


def run_or_refuse(model: pathlib.Path) -> None:
    try:
        model.with_suffix(".ref.bin").write_bytes(run(model))
    except (RuntimeError, ValueError) as refusal:
        model.with_suffix(".refused").write_text(str(refusal))


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    (folder / "reference.txt").write_text(importlib.metadata.version("ai-edge-litert") + "\n")
    for model in sorted(folder.glob("model_*.tflite")):
        # A child for each model: the reference stops the program at some scales that it does not support.
        child = os.fork()
        if child == 0:
            run_or_refuse(model)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status < 0:
            model.with_suffix(".refused").write_text(f"stopped by signal {-status}")
        elif status != 0:
            sys.exit(f"{model}: exit status {status}")


main()
