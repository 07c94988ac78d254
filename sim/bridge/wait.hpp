// How an end waits: spin briefly, then give the core away, then sleep on a futex.
//
// Pure spinning takes 8 ms a round trip when both ends share a core; going to sleep at once takes ten
// times as long as a short exchange. A sleep is cut into slices, so that a peer that died is noticed and
// a signal handler runs soon even if its signal came just before the system call.
#pragma once

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>

#include "layout.hpp"

namespace lhw::bridge {

using Clock = std::chrono::steady_clock;

// Called between the slices of a long wait, and when a signal came. May throw to end the wait.
using Hook = std::function<void()>;

// What an end has done so far; belongs to one process and is never shared.
struct Counters {
  std::uint64_t slots = 0;        // moved through this end
  std::uint64_t calls = 0;        // push or pop calls that moved something
  std::uint64_t waits = 0;        // times that it had to wait at all
  std::uint64_t yields = 0;       // sched_yield calls
  std::uint64_t futex_waits = 0;  // sleeps
  std::uint64_t futex_wakes = 0;  // times that it woke the other end
};

struct WaitPolicy {
  unsigned spins;
  std::chrono::microseconds yield;
  std::chrono::milliseconds slice;
};

// Spinning is of no use where the peer cannot run at the same time.
inline const WaitPolicy& wait_policy() noexcept {
  static const WaitPolicy policy = [] {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    const bool one_core = ::sched_getaffinity(0, sizeof cores, &cores) == 0 && CPU_COUNT(&cores) == 1;
    return WaitPolicy{one_core ? 0u : 128u, std::chrono::microseconds(200), std::chrono::milliseconds(50)};
  }();
  return policy;
}

// Something that can be waited for: ready() tells, and whoever makes it ready rings bell().
class Waitable {
 public:
  virtual bool ready() const noexcept = 0;
  virtual Bell& bell() const noexcept = 0;
  // Throws if waiting on is pointless, because the other end is dead.
  virtual void check_alive() = 0;

 protected:
  ~Waitable() = default;
};

namespace detail {

inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

inline timespec to_timespec(std::chrono::nanoseconds time) noexcept {
  timespec result{};
  result.tv_sec = static_cast<time_t>(time.count() / 1000000000);
  result.tv_nsec = static_cast<long>(time.count() % 1000000000);
  return result;
}

inline void futex_wake(Word32& word) noexcept {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, 0x7fffffff, nullptr, nullptr, 0);
}

// Sleeps until one of the words differs from its expected value or is woken; returns 0 or errno.
inline int futex_wait_any(Word32* const* words, const std::uint32_t* expected, std::size_t count,
                          std::chrono::nanoseconds limit) noexcept {
  if (count > 1) {
    // Layout of struct futex_waitv, which older system headers lack.
    struct Entry {
      std::uint64_t value;
      std::uint64_t address;
      std::uint32_t flags;
      std::uint32_t reserved;
    };
    constexpr std::size_t kMost = 128;
    constexpr long kFutexWaitv = 449;
    constexpr std::uint32_t kFutex32 = 2;
    static Word32 missing{0};
    if (count <= kMost && missing.load(std::memory_order_relaxed) == 0) {
      Entry entries[kMost];
      for (std::size_t i = 0; i < count; ++i) {
        entries[i] = {expected[i], reinterpret_cast<std::uintptr_t>(words[i]), kFutex32, 0};
      }
      // futex_waitv takes the point of time, not the duration.
      timespec now{};
      ::clock_gettime(CLOCK_MONOTONIC, &now);
      const timespec until =
          to_timespec(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec) + limit);
      const long result =
          ::syscall(kFutexWaitv, entries, static_cast<unsigned>(count), 0u, &until, CLOCK_MONOTONIC);
      if (result >= 0) return 0;
      if (errno != ENOSYS && errno != EPERM && errno != EINVAL) return errno;
      missing.store(1, std::memory_order_relaxed);
    }
    // An older kernel: sleep on the first word only, but not for long, since the others cannot wake us.
    limit = std::min(limit, std::chrono::nanoseconds(500000));
  }
  const timespec duration = to_timespec(limit);
  const long result = ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(words[0]), FUTEX_WAIT,
                                expected[0], &duration, nullptr, 0);
  return result == 0 ? 0 : errno;
}

// Says that somebody may be asleep at these bells for as long as it lives.
class AtBells {
 public:
  AtBells(Waitable* const* items, std::size_t count) : items_(items), count_(count) {
    for (std::size_t i = 0; i < count_; ++i) items_[i]->bell().waiting.store(1, std::memory_order_seq_cst);
  }
  AtBells(const AtBells&) = delete;
  AtBells& operator=(const AtBells&) = delete;
  ~AtBells() {
    for (std::size_t i = 0; i < count_; ++i) items_[i]->bell().waiting.store(0, std::memory_order_relaxed);
  }

 private:
  Waitable* const* items_;
  std::size_t count_;
};

}  // namespace detail

// Rings a bell if somebody may be asleep at it. The caller has published what it has to tell by a
// sequentially consistent store, and the sleeper sets `waiting` by one before it looks for the last time:
// so at least one of them sees the other, and no wake-up is lost.
inline bool ring_bell(Bell& bell) noexcept {
  if (bell.waiting.load(std::memory_order_seq_cst) == 0) return false;
  bell.sequence.fetch_add(1, std::memory_order_seq_cst);
  detail::futex_wake(bell.sequence);
  return true;
}

inline constexpr std::size_t kMostWaited = 128;

// Waits until one of `items` is ready and returns its place, or `count` when `deadline` has passed.
inline std::size_t wait_any(Waitable* const* items, std::size_t count, Clock::time_point deadline,
                            const Hook& hook, Counters& counters) {
  const auto find = [&]() noexcept {
    std::size_t i = 0;
    while (i < count && !items[i]->ready()) ++i;
    return i;
  };
  std::size_t found = find();
  if (found < count) return found;
  ++counters.waits;
  const WaitPolicy& policy = wait_policy();
  for (unsigned i = 0; i < policy.spins; ++i) {
    detail::cpu_relax();
    if ((found = find()) < count) return found;
  }
  const auto started = Clock::now();
  for (auto now = started; now < deadline && now - started < policy.yield; now = Clock::now()) {
    ++counters.yields;
    ::sched_yield();
    if ((found = find()) < count) return found;
  }
  Word32* words[kMostWaited];
  std::uint32_t expected[kMostWaited];
  const std::size_t listened = count < kMostWaited ? count : kMostWaited;
  for (;;) {
    const auto now = Clock::now();
    if (now >= deadline) return find();
    int error = 0;
    {
      for (std::size_t i = 0; i < listened; ++i) {
        words[i] = &items[i]->bell().sequence;
        expected[i] = words[i]->load(std::memory_order_seq_cst);
      }
      const detail::AtBells at_bells(items, listened);
      if ((found = find()) < count) return found;
      ++counters.futex_waits;
      const std::chrono::nanoseconds left = deadline - now;
      error = detail::futex_wait_any(words, expected, listened,
                                     std::min<std::chrono::nanoseconds>(left, policy.slice));
    }
    if ((found = find()) < count) return found;
    if (hook) hook();
    if (error == ETIMEDOUT) {
      for (std::size_t i = 0; i < count; ++i) items[i]->check_alive();
    }
  }
}

}  // namespace lhw::bridge
