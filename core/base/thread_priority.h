#pragma once

namespace tulving {

/// Lowers the calling thread's priority by so many steps of nice(2), where the system knows one for
/// each thread, as Linux does. Whether it could is no matter of correctness, so nothing is told.
void lower_thread_priority(int steps) noexcept;

}  // namespace tulving
