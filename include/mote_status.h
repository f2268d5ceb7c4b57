/* mote_status.h: what a call of the mote library can return; the text is in the diagnostics (mote.h). */
#ifndef MOTE_STATUS_H
#define MOTE_STATUS_H

enum mote_status {
    MOTE_OK = 0,
    MOTE_ERR_INPUT,       /* a file, model or argument is wrong: truncated, hostile, inconsistent */
    MOTE_ERR_UNSUPPORTED, /* valid, but nothing here can do it */
    MOTE_ERR_NO_FIT,      /* the model does not fit the chip */
    MOTE_ERR_MEMORY,      /* the host is out of memory, or the input asks for more than is sane */
    MOTE_ERR_IO,          /* the operating system refused a read, a write or a program */
    MOTE_ERR_MISMATCH     /* a verification found different bits */
};

#if defined(__GNUC__)
#define MOTE_MUST_CHECK __attribute__((warn_unused_result))
#define MOTE_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define MOTE_MUST_CHECK
#define MOTE_PRINTF(format_index, first_index)
#endif

#endif
