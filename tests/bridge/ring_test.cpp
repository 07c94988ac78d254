// Tests of the ring in C++, built by test_cpp.py with sanitizers. Usage: ring_test MODE [SLOTS] [SEED]
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "bridge/doorbell.hpp"
#include "bridge/link.hpp"

using namespace lhw::bridge;

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) {                                                           \
      std::fprintf(stderr, "%s:%d: CHECK(%s)\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                               \
    }                                                                             \
  } while (false)

namespace {

// Runs `action`, which must throw E, and returns what it said.
template <class E>
std::string thrown(const std::function<void()>& action) {
  try {
    action();
  } catch (const E& e) {
    return e.what();
  }
  std::fprintf(stderr, "the expected exception was not thrown\n");
  std::exit(1);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fd {
  explicit Fd(int number) : fd(number) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { ::close(fd); }
  int fd;
};

std::shared_ptr<Memory> fresh(std::uint64_t capacity, const char* name = "ring") {
  const Fd ring(create_ring(capacity, name, "P", "C"));
  return Memory::map(ring.fd);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2654435761u + 88172645463325252u) {}
  std::uint64_t operator()(std::uint64_t below) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % below;
  }

 private:
  std::uint64_t state_;
};

// Slot number i of every stream here: it differs from its neighbours in many bits, so that a torn, lost,
// doubled or swapped slot is seen.
std::uint64_t value(std::uint64_t i) {
  return (i + 1) * 0x9e3779b97f4a7c15u;
}

void pause_sometimes(Random& random) {
  switch (random(400)) {
    case 0:
      ::usleep(static_cast<useconds_t>(random(300)));
      break;
    case 1:
      ::sched_yield();
      break;
    default:
      break;
  }
}

template <class End>
void send_all(End& end, std::uint64_t slots, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint64_t> batch(300);
  for (std::uint64_t sent = 0; sent < slots;) {
    const std::uint64_t count = std::min(slots - sent, random(batch.size()) + 1);
    for (std::uint64_t i = 0; i < count; ++i) batch[i] = value(sent + i);
    end.push(batch.data(), count);
    sent += count;
    pause_sometimes(random);
  }
}

template <class End>
void receive_all(End& end, std::uint64_t slots, std::uint64_t seed) {
  Random random(seed + 1000);
  std::vector<std::uint64_t> batch(300);
  for (std::uint64_t got = 0; got < slots;) {
    const std::uint64_t count = end.pop(batch.data(), std::min(slots - got, random(batch.size()) + 1));
    for (std::uint64_t i = 0; i < count; ++i) CHECK(batch[i] == value(got + i));
    got += count;
    pause_sometimes(random);
  }
}

void test_wrap_and_bulk() {
  auto memory = fresh(8);
  Producer out(memory);
  Consumer in(memory);
  std::uint64_t data[16];
  std::uint64_t back[16];
  std::uint64_t sent = 0;
  std::uint64_t got = 0;
  // Every combination of start place and batch size, so that each wraps somewhere.
  for (std::size_t round = 0; round < 64; ++round) {
    const std::size_t want = round % 8 + 1;
    for (std::size_t i = 0; i < want; ++i) data[i] = value(sent + i);
    CHECK(out.room() == 8);
    CHECK(out.try_push(data, want) == want);
    sent += want;
    CHECK(in.available() == want && out.room() == 8 - want);
    CHECK(in.try_pop(back, 16) == want);
    for (std::size_t i = 0; i < want; ++i) CHECK(back[i] == value(got + i));
    got += want;
  }
  // The rest of the page is mapped as well, so that only a look at it shows a write past the last slot.
  for (std::size_t i = 8; i < 512; ++i) CHECK(memory->slots()[i] == 0);
  for (std::size_t i = 0; i < 16; ++i) data[i] = value(i);
  CHECK(out.try_push(data, 16) == 8);
  CHECK(out.try_push(data, 1) == 0);
  CHECK(in.try_pop(back, 3) == 3 && back[2] == value(2));
  CHECK(out.try_push(data + 8, 8) == 3);
  CHECK(in.try_pop(back, 16) == 8 && back[0] == value(3) && back[7] == value(10));
  CHECK(in.try_pop(back, 16) == 0);
  CHECK(out.counters().slots == sent + 11 && in.counters().slots == sent + 11);
}

void test_peek() {
  auto memory = fresh(4);
  Producer out(memory);
  Consumer in(memory);
  std::size_t count = 9;
  in.peek(count);
  CHECK(count == 0);
  for (std::uint64_t i = 0; i < 3; ++i) out.push(value(i));
  CHECK(in.peek(count)[2] == value(2) && count == 3);
  in.drop(2);
  out.push(value(3));
  out.push(value(4));
  CHECK(*in.peek(count) == value(2));
  in.drop(count);
  thrown<BridgeError>([&] { in.drop(4); });
  while (in.available() != 0) {
    in.peek(count);
    in.drop(count);
  }
  CHECK(out.room() == 4);
}

void test_close_and_fail() {
  {
    auto memory = fresh(4, "down");
    auto out = std::make_unique<Producer>(memory);
    Consumer in(memory);
    out->push(7);
    out->close();
    out->close();
    CHECK(contains(thrown<BridgeError>([&] { out->push(1); }), "is closed"));
    out.reset();
    CHECK(in.wait());
    CHECK(in.pop() == 7);
    CHECK(in.exhausted());
    CHECK(contains(thrown<PeerClosed>([&] { in.pop(); }), "P has closed its end of ring 'down'"));
  }
  {
    auto memory = fresh(4, "up");
    Producer out(memory);
    Consumer in(memory);
    in.fail(42, "assertion in core 3");
    const std::string text = thrown<PeerFailed>([&] { out.push(1); });
    CHECK(contains(text, "C failed (code 42): assertion in core 3"));
    in.close();
    thrown<PeerFailed>([&] { out.push(1); });
  }
  {
    auto memory = fresh(4);
    Producer out(memory);
    Consumer in(memory);
    out.push(1);
    in.stop();
    CHECK(out.stop_requested() && in.stop_requested());
    CHECK(in.pop() == 1);
    thrown<Stopped>([&] { in.pop(); });
    for (int i = 0; i < 4; ++i) out.push(1);
    thrown<Stopped>([&] { out.push(1); });
  }
  {
    auto memory = fresh(4);
    Consumer in(memory);
    in.interrupt();
    thrown<Interrupted>([&] { in.pop(); });
    CHECK(!in.wait(Clock::now() + std::chrono::milliseconds(1)));
  }
}

void test_attach_once() {
  auto memory = fresh(4, "single");
  Producer out(memory);
  CHECK(contains(thrown<BridgeError>([&] { Producer again(memory); }),
                 "already taken by pid " + std::to_string(::getpid())));
  Consumer in(memory);
  CHECK(in.peer().pid == ::getpid() && in.peer().state == EndState::attached && in.peer().name == "P");
}

void test_corrupted() {
  auto memory = fresh(4);
  Producer out(memory);
  Consumer in(memory);
  memory->header().head.store(77);
  CHECK(contains(thrown<BridgeError>([&] { in.pop(); }), "corrupted: it claims to hold 77 of 4"));
  memory->header().tail.store(90);
  CHECK(out.wait());
  CHECK(contains(thrown<BridgeError>([&] {
                   const std::uint64_t slots[5] = {};
                   out.push(slots, 5);
                 }),
                 "corrupted"));
}

void test_refused() {
  for (std::uint64_t bad : {0u, 1u, 3u, 1000u}) thrown<BridgeError>([&] { create_ring(bad, "", "", ""); });
  thrown<LayoutError>([] { Memory::map(-1); });
  const Fd null(::open("/dev/null", O_RDWR));
  CHECK(contains(thrown<LayoutError>([&] { Memory::map(null.fd); }), "is no ring"));
  const Fd empty(::memfd_create("empty", MFD_CLOEXEC));
  CHECK(::ftruncate(empty.fd, 8192) == 0);
  CHECK(contains(thrown<LayoutError>([&] { Memory::map(empty.fd); }), "magic"));
  const auto patched = [](std::size_t offset, std::uint64_t word, std::size_t bytes) {
    const Fd ring(create_ring(4, "patched", "P", "C"));
    CHECK(::pwrite(ring.fd, &word, bytes, static_cast<off_t>(offset)) == static_cast<ssize_t>(bytes));
    return thrown<LayoutError>([&] { Memory::map(ring.fd); });
  };
  CHECK(contains(patched(offsetof(RingHeader, abi_version), 99, 4), "ABI version 99, this program has 1"));
  CHECK(contains(patched(offsetof(RingHeader, layout_hash), 5, 4), "header layout 5"));
  CHECK(contains(patched(offsetof(RingHeader, slot_bytes), 64, 4), "slot size 64, this program has 8"));
  CHECK(contains(patched(offsetof(RingHeader, header_bytes), 64, 4), "header size 64"));
  CHECK(contains(patched(offsetof(RingHeader, capacity), 8, 8), "says it has 8 slots"));
  CHECK(contains(patched(offsetof(RingHeader, capacity), std::uint64_t{1} << 63, 8), "slots in"));
  CHECK(contains(patched(offsetof(RingHeader, capacity), 3, 8), "says it has 3 slots"));
  const Fd ring(create_ring(4, "sealed", "P", "C"));
  CHECK(::ftruncate(ring.fd, 4096) != 0);
}

void test_long_texts() {
  const std::string longest(1000, 'x');
  const Fd ring(create_ring(2, longest, longest, longest));
  Producer out(ring.fd);
  Consumer in(ring.fd);
  CHECK(in.name() == std::string(kNameBytes - 1, 'x') && in.peer_name() == in.name());
  out.fail(1, longest);
  CHECK(contains(thrown<PeerFailed>([&] { in.pop(); }), std::string(kTextBytes - 1, 'x')));
}

void test_dead_peers() {
  // Killed while attached, killed before it attached, and ended without closing.
  for (int kind = 0; kind < 3; ++kind) {
    const Fd ring(create_ring(16, "victims", "child", "parent"));
    Consumer in(ring.fd);
    const pid_t child = ::fork();
    if (child == 0) {
      if (kind == 0) {
        Producer out(ring.fd);
        out.push(5);
        for (;;) ::pause();
      }
      if (kind == 2) {
        new Producer(ring.fd);
        ::_exit(0);
      }
      for (;;) ::pause();
    }
    expect_peer(ring.fd, Role::producer, child);
    if (kind == 0) CHECK(in.pop() == 5);
    if (kind != 2) ::kill(child, SIGKILL);
    const std::string text = thrown<PeerDied>([&] { in.pop(); });
    CHECK(contains(text, "child (pid " + std::to_string(child) + ") died while ring 'victims'"));
    CHECK(!in.peer().alive);
    CHECK(::waitpid(child, nullptr, 0) == child);
    CHECK(!in.peer().alive);
  }
  // The same pid given again: the start time does not fit.
  ProcessWatch watch;
  const int parent = ::getppid();
  const ProcessStat stat = read_process_stat(parent);
  CHECK(stat.start_time != 0 && watch.alive(parent, stat.start_time));
  CHECK(!watch.alive(parent, stat.start_time + 1));
  CHECK(!watch.alive(0x3fffff, 1));
}

void test_fork_does_not_close() {
  auto memory = fresh(4);
  Consumer in(memory);
  auto out = std::make_unique<Producer>(memory);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused = contains(thrown<BridgeError>([&] { out->push(1); }), "held by the parent");
    out->close();
    out.reset();
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child && status == 0);
  CHECK(in.peer().state == EndState::attached);
  out->push(1);
  CHECK(in.pop() == 1);
}

void test_wait_any() {
  auto a = fresh(2);
  auto b = fresh(2);
  Consumer in_a(a);
  Consumer in_b(b);
  Producer out_b(b);
  Doorbell doorbell;
  Waitable* items[3] = {&in_a, &in_b, &doorbell};
  Counters counters;
  const auto soon = [] { return Clock::now() + std::chrono::milliseconds(2); };
  CHECK(wait_any(items, 3, soon(), {}, counters) == 3);
  doorbell.ring();
  CHECK(wait_any(items, 3, kNever, {}, counters) == 2);
  CHECK(doorbell.clear() && !doorbell.clear());
  // Woken from a sleep on several at once, by the second and by the third.
  std::thread later([&] {
    ::usleep(5000);
    out_b.push(1);
  });
  CHECK(wait_any(items, 3, kNever, {}, counters) == 1);
  later.join();
  CHECK(in_b.pop() == 1);
  std::thread bell([&] {
    ::usleep(5000);
    doorbell.ring();
  });
  CHECK(wait_any(items, 3, kNever, {}, counters) == 2);
  bell.join();
  CHECK(counters.futex_waits > 0);
}

// One direction, both ends as threads on one mapping: what ThreadSanitizer can judge.
void threads(std::uint64_t slots, std::uint64_t seed) {
  for (std::uint64_t capacity : {2u, 64u, 4096u}) {
    // A ring of two slots makes an end wait for nearly each of them.
    const std::uint64_t share = capacity == 2 ? slots / 100 : slots / 2;
    auto memory = fresh(capacity);
    Consumer in(memory);
    std::thread sender([&] {
      Producer out(memory);
      send_all(out, share, seed);
    });
    receive_all(in, share, seed);
    sender.join();
    thrown<PeerClosed>([&] { in.pop(); });
  }
}

// Both ends push everything before they pop anything: without the side buffer they would lock each other.
void link_threads(std::uint64_t slots, std::uint64_t seed) {
  auto there = fresh(16);
  auto back = fresh(32);
  const auto run = [&](std::shared_ptr<Memory> out, std::shared_ptr<Memory> in, std::uint64_t own_seed) {
    Link link(std::move(out), std::move(in));
    send_all(link, slots, own_seed);
    receive_all(link, slots, own_seed);
    CHECK(link.poll() == 0 && link.side_peak() > 0);
  };
  std::thread far([&] { run(back, there, seed); });
  run(there, back, seed + 1);
  far.join();
}

// Two processes, each with its own mapping, in both directions at once.
void processes(std::uint64_t slots, std::uint64_t seed) {
  const Fd there(create_ring(1024, "there", "near", "far"));
  const Fd back(create_ring(64, "back", "far", "near"));
  const pid_t child = ::fork();
  if (child == 0) {
    Link link(back.fd, there.fd);
    std::vector<std::uint64_t> batch(300);
    Random random(seed + 7);
    // Sends every slot back, in other batches than it came in.
    for (std::uint64_t done = 0; done < slots;) {
      const std::size_t count = link.pop(batch.data(), random(batch.size()) + 1);
      link.push(batch.data(), count);
      done += count;
      pause_sometimes(random);
    }
    link.close();
    std::exit(0);
  }
  Link link(there.fd, back.fd);
  send_all(link, slots, seed);
  receive_all(link, slots, seed);
  thrown<PeerClosed>([&] { link.pop(); });
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child && status == 0);
}

// A peer for tests in Python: sends or receives the stream for ever, until it is killed.
void serve(const std::string& mode, int out_fd, int in_fd, std::uint64_t seed) {
  if (mode == "produce") {
    Producer out(out_fd);
    send_all(out, ~std::uint64_t{0}, seed);
  } else if (mode == "consume") {
    Consumer in(in_fd);
    receive_all(in, ~std::uint64_t{0}, seed);
  } else if (mode == "echo") {
    Link link(out_fd, in_fd);
    std::vector<std::uint64_t> batch(512);
    for (;;) link.push(batch.data(), link.pop(batch.data(), batch.size()));
  } else {
    for (;;) ::pause();
  }
}

// Reserving more than a full file system has is an error, and not a signal later.
void full(const std::string& directory) {
  const Fd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  CHECK(file.fd >= 0);
  const std::string text = thrown<RingMemoryError>([&] { detail::reserve(file.fd, 1 << 20, "big"); });
  std::printf("%s\n", text.c_str());
}

void unit() {
  test_wrap_and_bulk();
  test_peek();
  test_close_and_fail();
  test_attach_once();
  test_corrupted();
  test_refused();
  test_long_texts();
  test_wait_any();
  test_dead_peers();
  test_fork_does_not_close();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "unit";
  const auto number = [&](int i) { return argc > i ? std::strtoull(argv[i], nullptr, 10) : 0ull; };
  if (mode == "serve") {
    try {
      serve(argv[2], static_cast<int>(number(3)), static_cast<int>(number(4)), number(5));
    } catch (const PeerClosed&) {
      return 0;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
      return 3;
    }
  }
  if (mode == "unit") unit();
  if (mode == "threads") threads(number(2), number(3));
  if (mode == "link_threads") link_threads(number(2), number(3));
  if (mode == "processes") processes(number(2), number(3));
  if (mode == "full") full(argv[2]);
  std::puts("ok");
  return 0;
}
