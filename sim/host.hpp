// Where flits come from and go to: a live host over two rings, or a recorded file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/link.hpp"
#include "options.hpp"

namespace lhw::sim {

class Host {
 public:
  virtual ~Host() = default;
  // The flits that lie ready, without waiting; `count` 0 if there are none now.
  virtual const std::uint64_t* peek(std::size_t& count) = 0;
  // The first `count` of them are done with.
  virtual void drop(std::size_t count) = 0;
  // Waits until peek gives something; false when nothing will ever come.
  virtual bool wait() = 0;
  // Sends all flits, waiting for room.
  virtual void put(const std::uint64_t* flits, std::size_t count) = 0;
  // Called now and then while the chip runs; throws if the host is gone.
  virtual void check() = 0;
  // Tells the host why there will be no more; before `failed`, what was put can still be read.
  virtual void closed() = 0;
  virtual void failed(int code, const std::string& text) = 0;
  // Seconds spent waiting in wait() and put().
  double waited() const { return waited_; }

 protected:
  double waited_ = 0;
};

// Keeps flits, for --record and --output.
class Recorder {
 public:
  explicit Recorder(const std::string& path);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  void add(const std::uint64_t* flits, std::size_t count);
  // Throws if anything could not be written.
  void finish();
  // Writes what was added so far; says nothing if that is not possible.
  void flush() noexcept { std::fflush(file_); }

 private:
  std::string path_;
  std::FILE* file_ = nullptr;
};

class RingHost final : public Host {
 public:
  explicit RingHost(const Options& options);
  const std::uint64_t* peek(std::size_t& count) override { return link_.in().peek(count); }
  void drop(std::size_t count) override;
  bool wait() override;
  void put(const std::uint64_t* flits, std::size_t count) override;
  void check() override;
  void closed() override;
  void failed(int code, const std::string& text) override;

 private:
  bridge::Link link_;
  int parent_;
  bridge::Hook hook_;
  std::unique_ptr<Recorder> recorder_;
};

// Flits of a file (the words of --record); what comes out is counted and hashed by the harness, and written
// to a file where one is asked for.
class FileHost final : public Host {
 public:
  explicit FileHost(const Options& options);
  const std::uint64_t* peek(std::size_t& count) override;
  void drop(std::size_t count) override { next_ += count; }
  bool wait() override { return next_ < flits_.size(); }
  void put(const std::uint64_t* flits, std::size_t count) override {
    if (output_) output_->add(flits, count);
  }
  void check() override {}
  void closed() override {
    if (output_) output_->finish();
  }
  void failed(int, const std::string&) override {
    if (output_) output_->flush();
  }

 private:
  // As many as a ring gives at a time, so that a bare run does the same bookkeeping.
  static constexpr std::size_t kMost = 1 << 16;
  std::vector<std::uint64_t> flits_;
  std::size_t next_ = 0;
  std::unique_ptr<Recorder> output_;
};

}  // namespace lhw::sim
