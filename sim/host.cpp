#include "host.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "failure.hpp"
#include "stops.hpp"

namespace lhw::sim {
namespace {

// Adds the time that it lives to a sum.
class Timer {
 public:
  explicit Timer(double& sum) : sum_(sum), begin_(std::chrono::steady_clock::now()) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { sum_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  double& sum_;
  std::chrono::steady_clock::time_point begin_;
};

Failure file_error(const std::string& what, const std::string& path) {
  return Failure(Exit::file, what + " " + path + ": " + std::strerror(errno));
}

}  // namespace

Recorder::Recorder(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
  if (file_ == nullptr) throw file_error("cannot write the record", path);
}
Recorder::~Recorder() {
  if (file_ != nullptr) std::fclose(file_);
}
void Recorder::add(const std::uint64_t* flits, std::size_t count) {
  // Words are little-endian, as everywhere; the machines that Verilator's models run on are.
  if (std::fwrite(flits, sizeof *flits, count, file_) != count)
    throw file_error("cannot write the record", path_);
}
void Recorder::finish() {
  const int result = std::fclose(file_);
  file_ = nullptr;
  if (result != 0) throw file_error("cannot write the record", path_);
}

RingHost::RingHost(const Options& options)
    : link_(options.out_fd, options.in_fd), parent_(options.parent), hook_([this] { check(); }) {
  if (!options.record.empty()) recorder_ = std::make_unique<Recorder>(options.record);
}

void RingHost::drop(std::size_t count) {
  if (recorder_ && count != 0) {
    std::size_t there = 0;
    const std::uint64_t* flits = link_.in().peek(there);
    recorder_->add(flits, std::min(count, there));
  }
  link_.in().drop(count);
}

bool RingHost::wait() {
  const Timer timer(waited_);
  try {
    link_.wait(bridge::kNever, hook_);
    // An ended host makes the ring ready, too: look what it is.
    return link_.poll() != 0 || !link_.in().exhausted();
  } catch (const bridge::Stopped&) {
    return false;
  }
}

void RingHost::put(const std::uint64_t* flits, std::size_t count) {
  std::size_t moved = link_.try_push(flits, count);
  if (moved == count) return;
  const Timer timer(waited_);
  while (moved < count) {
    // Not Link::push: it would take flits in while it waits, but those must stay where peek finds them. The
    // host always takes in what we send while it waits for room (its Link does), so this wait ends.
    link_.out().wait(bridge::kNever, hook_);
    moved += link_.try_push(flits + moved, count - moved);
  }
}

void RingHost::check() {
  if (terminate_requested()) throw Failure(Exit::terminated, "the simulator was asked to end by SIGTERM");
  // A death signal would come when the thread that started us ends, not the process; so we look.
  if (parent_ != 0 && ::getppid() != parent_) throw Failure(Exit::host_gone, "the host process is gone");
  link_.in().check_stop();
}

void RingHost::closed() {
  if (recorder_) recorder_->finish();
  link_.close();
}

void RingHost::failed(int code, const std::string& text) {
  if (recorder_) recorder_->flush();  // whoever is told may want to see what led here
  link_.fail(code, text);
}

FileHost::FileHost(const Options& options) {
  const std::string& path = options.bare;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) throw file_error("cannot read the flits of", path);
  std::vector<std::uint64_t> part(kMost);
  std::size_t bytes = 0;
  while ((bytes = std::fread(part.data(), 1, part.size() * sizeof part[0], file)) != 0) {
    if (bytes % sizeof part[0] != 0) {
      std::fclose(file);
      throw Failure(Exit::file, path + " is not a record of flits: its length is no multiple of 8 bytes");
    }
    flits_.insert(flits_.end(), part.begin(),
                  part.begin() + static_cast<std::ptrdiff_t>(bytes / sizeof part[0]));
  }
  const bool bad = std::ferror(file) != 0;
  std::fclose(file);
  if (bad) throw file_error("cannot read the flits of", path);
  if (!options.output.empty()) output_ = std::make_unique<Recorder>(options.output);
}

const std::uint64_t* FileHost::peek(std::size_t& count) {
  count = std::min(kMost, flits_.size() - next_);
  return flits_.data() + next_;
}

}  // namespace lhw::sim
