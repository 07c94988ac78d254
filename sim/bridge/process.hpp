// Whether the process at the other end still lives.
//
// A pid alone does not tell, since it is given again: pidfd_open names one process for good, and the
// start time from /proc says whether that process is the one that attached. A process that has ended but
// has not been waited for yet (a zombie) counts as dead.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lhw::bridge {

namespace detail {

// How often this process and its forebears have forked since the first call, counted in the child: an
// object that was made under another count belongs to the parent. Cheaper than asking for the pid.
inline unsigned forks_seen() noexcept {
  static std::atomic<unsigned> forks{0};
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); });
  static_cast<void>(registered);
  return forks.load(std::memory_order_relaxed);
}

}  // namespace detail

// What /proc/<pid>/stat says: start time in clock ticks since boot, 0 where unknown; `gone` if there is
// no such process or only its zombie.
struct ProcessStat {
  std::uint64_t start_time = 0;
  bool gone = false;
};

inline ProcessStat read_process_stat(int pid) noexcept {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {0, errno == ENOENT && ::access("/proc/self/stat", R_OK) == 0};
  char text[1024];
  const ssize_t got = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  if (got <= 0) return {0, got < 0 && errno == ESRCH};
  text[got] = '\0';
  // The second field is the command in brackets, which may itself hold brackets and blanks.
  const char* field = std::strrchr(text, ')');
  if (field == nullptr || field[1] == '\0') return {};
  field += 2;
  const bool gone = *field == 'Z' || *field == 'X';
  for (int number = 3; number < 22; ++number) {
    field = std::strchr(field, ' ');
    if (field == nullptr) return {0, gone};
    ++field;
  }
  return {std::strtoull(field, nullptr, 10), gone};
}

class ProcessWatch {
 public:
  ProcessWatch() = default;
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  ~ProcessWatch() { reset(); }

  // True while process `pid`, started at `start_time` (0: unknown), lives. Costs one system call once
  // the process has been seen.
  bool alive(int pid, std::uint64_t start_time) noexcept {
    if (pid == ::getpid()) return true;
    if (pid != pid_ || start_time != start_time_) {
      reset();
      pid_ = pid;
      start_time_ = start_time;
      open();
    }
    if (dead_) return false;
    if (fd_ >= 0) {
      pollfd poll_fd{fd_, POLLIN, 0};
      dead_ = ::poll(&poll_fd, 1, 0) == 1;
    } else {
      dead_ = !matches();
    }
    return !dead_;
  }

 private:
  void reset() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    dead_ = false;
    pid_ = 0;
  }
  void open() noexcept {
#ifdef SYS_pidfd_open
    fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (fd_ < 0 && errno == ESRCH) dead_ = true;
#endif
    // Only now, with the descriptor in hand, can the answer no longer be about a later process.
    if (!dead_) dead_ = !matches();
  }
  bool matches() const noexcept {
    const ProcessStat stat = read_process_stat(pid_);
    if (stat.gone) return false;
    return stat.start_time == 0 || start_time_ == 0 || stat.start_time == start_time_;
  }

  int fd_ = -1;
  int pid_ = 0;
  std::uint64_t start_time_ = 0;
  bool dead_ = false;
};

}  // namespace lhw::bridge
