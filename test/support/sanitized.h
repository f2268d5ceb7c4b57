/* sanitized.h: is this the build with AddressSanitizer? The searches of plans take seven to fifteen times as long there. */
#ifndef SANITIZED_H
#define SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef WITH_ADDRESS_SANITIZER
enum { is_sanitized = 1 };
#else
enum { is_sanitized = 0 };
#endif

#endif
