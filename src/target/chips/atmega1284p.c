/* atmega1284p.c: cycle exact under simavr. */
#include "chips.h"

static const char *const families[] = {"avr", "ref", NULL};

const struct mote_target mote_target_atmega1284p = {
    .name = "atmega1284p",
    .title = "Microchip ATmega1284P, 8-bit AVR",
    .flash_bytes = MOTE_KIB(128),
    .ram_bytes = MOTE_KIB(16),
    .clock_hz = MOTE_MHZ(16),
    .alignment_bytes = 1,
    .flash_is_memory = false,
    .families = families,
    .compiler = "avr-gcc",
    .compile_flags = "-mmcu=atmega1284p",
    .simulator = MOTE_SIM_SIMAVR,
    .simulator_machine = "atmega1284p",
    .energy =
        {
            .volts = 5.0,
            .amperes = 0.008,
            .hertz = 8e6,
            .source =
                "ATmega1284P datasheet, DC characteristics, active 8 MHz at 5 V, typical (recalled, not checked)",
        },
};
