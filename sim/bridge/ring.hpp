// A single-producer single-consumer ring of 64-bit slots in shared memory.
//
//   int fd = create_ring(4096, "to chip", "python", "simulator");   // in the parent
//   Producer out(fd);                                               // in one process
//   Consumer in(fd);                                                // in the other, which inherited fd
//
// Each end keeps a copy of the other end's index and looks at the shared one only when the copy says
// full or empty, so a run of slots costs one exchange of a cache line. What is pushed before an end
// closes, fails or dies can still be popped; only then does the consumer get the error.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "errors.hpp"
#include "layout.hpp"
#include "memory.hpp"
#include "process.hpp"
#include "wait.hpp"

namespace lhw::bridge {

inline constexpr Clock::time_point kNever = Clock::time_point::max();

struct PeerInfo {
  std::string name;
  int pid;  // 0 while nobody has attached
  EndState state;
  bool alive;  // false once it is known to be gone; true before anybody attached
};

// What both kinds of end have in common.
class Endpoint : public Waitable {
 public:
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // Leaves in good order: the other end may read what is left. Safe to call twice.
  void close() noexcept { leave(EndState::closed); }

  // Leaves with an error that the other end will raise as PeerFailed.
  void fail(int code, const std::string& text) noexcept {
    if (!ours()) return;
    mine().fail_code.store(code, std::memory_order_relaxed);
    detail::copy_text(header_->fail_text[index(role_)], kTextBytes, text);
    leave(EndState::failed);
  }

  // Asks both ends to stop: every wait on this ring, now and later, ends with Stopped.
  void stop() noexcept {
    header_->stop.store(1, std::memory_order_seq_cst);
    wake_both();
  }
  bool stop_requested() const noexcept { return header_->stop.load(std::memory_order_relaxed) != 0; }

  // Ends the wait that this end is in (or its next one) with Interrupted. For another thread of the same
  // process or a signal handler.
  void interrupt() noexcept {
    interrupted_->store(true, std::memory_order_seq_cst);
    rouse();
  }
  // Makes whoever sleeps at this end look again.
  void rouse() noexcept { ring_bell(header_->bell[index(role_)]); }

  PeerInfo peer() {
    const EndLine& line = theirs();
    const auto state = static_cast<EndState>(line.state.load(std::memory_order_acquire));
    return {peer_name(), static_cast<int>(line.pid.load(std::memory_order_relaxed)), state, peer_alive()};
  }

  std::string name() const { return detail::read_text(header_->name, kNameBytes); }
  std::string peer_name() const { return detail::read_text(header_->end_name[1 - index(role_)], kNameBytes); }
  std::uint64_t capacity() const noexcept { return capacity_; }
  Role role() const noexcept { return role_; }
  const Counters& counters() const noexcept { return counters_; }
  bool attached() const noexcept { return attached_; }

  // Waits until push or pop can do something, or until `deadline`. True if it can, or if it would throw.
  bool wait(Clock::time_point deadline = kNever, const Hook& hook = {}) {
    Waitable* self = this;
    const bool ready = lhw::bridge::wait_any(&self, 1, deadline, hook, counters_) == 0;
    check_stop();
    return ready;
  }

  // Throws Stopped or Interrupted if one of them was asked for.
  void check_stop() {
    if (take_interrupt()) {
      throw Interrupted("the wait on ring '" + name() + "' was interrupted");
    }
    if (stop_requested()) throw Stopped("ring '" + name() + "' was asked to stop");
  }

  // True if interrupt() was called since the last look.
  bool take_interrupt() noexcept {
    return interrupted_->load(std::memory_order_relaxed) && interrupted_->exchange(false);
  }

  // Lets several ends be interrupted as one, by one request that ends one wait.
  void share_interrupt(std::atomic<bool>& flag) noexcept { interrupted_ = &flag; }

  Bell& bell() const noexcept final { return header_->bell[index(role_)]; }

  void check_alive() final {
    if (!peer_alive() && !ready()) throw died();
  }

  Counters& counters_for_waiting() noexcept { return counters_; }

 protected:
  Endpoint(std::shared_ptr<Memory> memory, Role role)
      : memory_(std::move(memory)),
        header_(&memory_->header()),
        slots_(memory_->slots()),
        capacity_(header_->capacity),
        role_(role) {
    attach();
  }
  ~Endpoint() { close(); }

  static constexpr std::size_t index(Role role) noexcept { return static_cast<std::size_t>(role); }
  EndLine& mine() const noexcept { return header_->end[index(role_)]; }
  EndLine& theirs() const noexcept { return header_->end[1 - index(role_)]; }

  bool peer_ended() const noexcept {
    return theirs().state.load(std::memory_order_acquire) >= static_cast<std::uint32_t>(EndState::closed);
  }
  // True if a wait must end for another reason than slots.
  bool disturbed() const noexcept {
    return peer_ended() || stop_requested() || interrupted_->load(std::memory_order_seq_cst);
  }

  // A child made by fork has a copy of this object, but the end is still its parent's: it must neither
  // use nor close it.
  bool ours() const noexcept { return attached_ && forks_ == detail::forks_seen(); }
  void check_ours() const {
    if (ours()) return;
    throw BridgeError("this end of ring '" + name() + "' is " +
                      (attached_ ? "held by the parent process, pid " + std::to_string(mine().pid.load()) +
                                       "; attach after the fork"
                                 : std::string("closed")));
  }

  [[noreturn]] void throw_peer_ended() const {
    const EndLine& line = theirs();
    if (line.state.load(std::memory_order_acquire) == static_cast<std::uint32_t>(EndState::failed)) {
      throw PeerFailed(name(), peer_name(), line.fail_code.load(std::memory_order_relaxed),
                       detail::read_text(header_->fail_text[1 - index(role_)], kTextBytes));
    }
    throw PeerClosed(name(), peer_name());
  }

  PeerDied died() const {
    const EndLine& line = theirs();
    std::uint32_t pid = line.pid.load(std::memory_order_relaxed);
    if (pid == 0) pid = line.expected_pid.load(std::memory_order_relaxed);
    return PeerDied(name(), peer_name(), static_cast<int>(pid));
  }

  std::uint64_t fill(std::uint64_t head, std::uint64_t tail) const {
    const std::uint64_t count = head - tail;
    if (count > capacity_) {
      throw BridgeError("ring '" + name() + "' is corrupted: it claims to hold " + std::to_string(count) +
                        " of " + std::to_string(capacity_) + " slots");
    }
    return count;
  }

  void ring_peer() noexcept {
    if (ring_bell(header_->bell[1 - index(role_)])) ++counters_.futex_wakes;
  }

  std::shared_ptr<Memory> memory_;
  RingHeader* header_;
  std::uint64_t* slots_;
  std::uint64_t capacity_;
  Role role_;
  Counters counters_;
  // Own, or the one of the Link that this end is a part of.
  std::atomic<bool> own_interrupted_{false};
  std::atomic<bool>* interrupted_ = &own_interrupted_;

 private:
  void attach() {
    std::uint32_t state = static_cast<std::uint32_t>(EndState::vacant);
    if (!mine().state.compare_exchange_strong(state, static_cast<std::uint32_t>(EndState::attaching))) {
      throw BridgeError("the " + std::string(role_ == Role::producer ? "producer" : "consumer") +
                        " end of ring '" + name() + "' is already taken by pid " +
                        std::to_string(mine().pid.load()) + "; an end is attached once, make a new ring");
    }
    const int pid = ::getpid();
    forks_ = detail::forks_seen();
    mine().start_time.store(read_process_stat(pid).start_time, std::memory_order_relaxed);
    mine().pid.store(static_cast<std::uint32_t>(pid), std::memory_order_relaxed);
    mine().state.store(static_cast<std::uint32_t>(EndState::attached), std::memory_order_release);
    attached_ = true;
  }

  void leave(EndState state) noexcept {
    if (!ours()) return;
    attached_ = false;
    mine().state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
    wake_both();
  }

  void wake_both() noexcept {
    ring_bell(header_->bell[0]);
    ring_bell(header_->bell[1]);
  }

  bool peer_alive() noexcept {
    const EndLine& line = theirs();
    if (line.state.load(std::memory_order_acquire) >= static_cast<std::uint32_t>(EndState::attached)) {
      return watch_.alive(static_cast<int>(line.pid.load(std::memory_order_relaxed)),
                          line.start_time.load(std::memory_order_relaxed));
    }
    const auto pid = static_cast<int>(line.expected_pid.load(std::memory_order_acquire));
    if (pid == 0) return true;
    return watch_.alive(pid, line.expected_start_time.load(std::memory_order_relaxed));
  }

  ProcessWatch watch_;
  unsigned forks_ = 0;
  bool attached_ = false;
};

// The end that writes.
class Producer final : public Endpoint {
 public:
  explicit Producer(int fd) : Producer(Memory::map(fd)) {}
  explicit Producer(std::shared_ptr<Memory> memory) : Endpoint(std::move(memory), Role::producer) {}

  // Free slots right now.
  std::uint64_t room() {
    cached_tail_ = header_->tail.load(std::memory_order_acquire);
    return capacity_ - fill(head_, cached_tail_);
  }

  // Pushes as many of `count` slots as there is room for and returns how many. Never waits. Throws if the
  // other end is closed or failed, since nobody will read them.
  std::size_t try_push(const std::uint64_t* data, std::size_t count) {
    check_ours();
    if (peer_ended()) throw_peer_ended();
    std::uint64_t free = capacity_ - fill(head_, cached_tail_);
    if (free < count) free = room();
    const std::size_t moved = static_cast<std::size_t>(std::min<std::uint64_t>(free, count));
    if (moved == 0) return 0;
    const std::size_t start = static_cast<std::size_t>(head_ & (capacity_ - 1));
    const std::size_t first = std::min(moved, static_cast<std::size_t>(capacity_) - start);
    std::memcpy(slots_ + start, data, first * sizeof *data);
    std::memcpy(slots_, data + first, (moved - first) * sizeof *data);
    head_ += moved;
    header_->head.store(head_, std::memory_order_seq_cst);
    ring_peer();
    counters_.slots += moved;
    ++counters_.calls;
    return moved;
  }

  // Pushes all of them, waiting for room. If both directions of a pair of rings may be full at once, use
  // Link (link.hpp) instead.
  void push(const std::uint64_t* data, std::size_t count, const Hook& hook = {}) {
    for (;;) {
      const std::size_t moved = try_push(data, count);
      data += moved;
      count -= moved;
      if (count == 0) return;
      wait(kNever, hook);
    }
  }
  void push(std::uint64_t slot, const Hook& hook = {}) { push(&slot, 1, hook); }

  bool ready() const noexcept override {
    // Not "less than": a corrupted index must end the wait as well, so that the next call reports it.
    return head_ - header_->tail.load(std::memory_order_seq_cst) != capacity_ || disturbed();
  }

 private:
  std::uint64_t head_ = 0;
  std::uint64_t cached_tail_ = 0;
};

// The end that reads.
class Consumer final : public Endpoint {
 public:
  explicit Consumer(int fd) : Consumer(Memory::map(fd)) {}
  explicit Consumer(std::shared_ptr<Memory> memory) : Endpoint(std::move(memory), Role::consumer) {}

  // Slots that can be popped right now.
  std::uint64_t available() {
    cached_head_ = header_->head.load(std::memory_order_acquire);
    return fill(cached_head_, tail_);
  }

  // Pops up to `most` slots into `data` and returns how many. Never waits. Throws if there are none and
  // the other end is closed or failed, so that none will come.
  std::size_t try_pop(std::uint64_t* data, std::size_t most) {
    const std::size_t moved = take(data, most);
    if (moved == 0 && most != 0 && peer_ended()) {
      // It may have pushed between our look and its end: look again before believing it.
      if (available() != 0) return take(data, most);
      throw_peer_ended();
    }
    return moved;
  }

  // Pops at least one and up to `most` (not 0) slots, waiting for the first.
  std::size_t pop(std::uint64_t* data, std::size_t most, const Hook& hook = {}) {
    for (;;) {
      const std::size_t moved = try_pop(data, most);
      if (moved != 0) return moved;
      wait(kNever, hook);
    }
  }
  std::uint64_t pop(const Hook& hook = {}) {
    std::uint64_t slot = 0;
    pop(&slot, 1, hook);
    return slot;
  }

  // The slots that lie ready in one piece, without copying them; drop() gives their places back.
  const std::uint64_t* peek(std::size_t& count) {
    check_ours();
    if (cached_head_ == tail_) available();
    const std::size_t start = static_cast<std::size_t>(tail_ & (capacity_ - 1));
    count = std::min(static_cast<std::size_t>(fill(cached_head_, tail_)),
                     static_cast<std::size_t>(capacity_) - start);
    return slots_ + start;
  }
  void drop(std::size_t count) {
    if (count == 0) return;
    if (count > fill(cached_head_, tail_)) throw BridgeError("more slots dropped than were seen");
    tail_ += count;
    header_->tail.store(tail_, std::memory_order_seq_cst);
    ring_peer();
    counters_.slots += count;
    ++counters_.calls;
  }

  // As try_pop, but an ended peer is no error: for whoever empties a ring while busy with another one.
  std::size_t take(std::uint64_t* data, std::size_t most) {
    check_ours();
    std::uint64_t filled = fill(cached_head_, tail_);
    if (filled < most) filled = available();
    const std::size_t moved = static_cast<std::size_t>(std::min<std::uint64_t>(filled, most));
    if (moved == 0) return 0;
    const std::size_t start = static_cast<std::size_t>(tail_ & (capacity_ - 1));
    const std::size_t first = std::min(moved, static_cast<std::size_t>(capacity_) - start);
    std::memcpy(data, slots_ + start, first * sizeof *data);
    std::memcpy(data + first, slots_, (moved - first) * sizeof *data);
    drop(moved);
    return moved;
  }

  // True once the other end is closed or failed and all that it sent has been taken.
  bool exhausted() { return peer_ended() && available() == 0; }

  bool ready() const noexcept override {
    return header_->head.load(std::memory_order_seq_cst) != tail_ || disturbed();
  }

 private:
  std::uint64_t tail_ = 0;
  std::uint64_t cached_head_ = 0;
};

// Says which process will attach to an end of the ring `fd`, so that the other end notices if it dies
// before it does. For the parent, right after it has started the child.
inline void expect_peer(int fd, Role role, int pid) {
  const std::shared_ptr<Memory> memory = Memory::map(fd);
  EndLine& line = memory->header().end[static_cast<std::size_t>(role)];
  line.expected_start_time.store(read_process_stat(pid).start_time, std::memory_order_relaxed);
  line.expected_pid.store(static_cast<std::uint32_t>(pid), std::memory_order_release);
}

}  // namespace lhw::bridge
