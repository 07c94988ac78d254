// The C++ end of bench/ring.py. Usage: ring send|stream|ask|echo OUT_FD IN_FD SLOTS BATCH CORE
// `send` and `stream` move SLOTS slots in batches; `ask` and `echo` make that many round trips of one.
#include <sched.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bridge/link.hpp"

using namespace lhw::bridge;

namespace {

void stay_on(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<unsigned>(core), &cores);
  ::sched_setaffinity(0, sizeof cores, &cores);
}

void stream(Link& link, std::uint64_t slots, std::size_t batch) {
  std::vector<std::uint64_t> buffer(batch);
  for (std::uint64_t got = 0; got < slots;) got += link.pop(buffer.data(), batch);
  link.push(slots);
}

void send(Link& link, std::uint64_t slots, std::size_t batch) {
  const std::vector<std::uint64_t> buffer(batch);
  for (std::uint64_t sent = 0; sent < slots; sent += batch) link.push(buffer.data(), batch);
  link.pop();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const std::string mode = argv[1];
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  // Before the first wait, since the wait policy depends on the cores that we may use.
  stay_on(static_cast<int>(number(6)));
  Link link(static_cast<int>(number(2)), static_cast<int>(number(3)));
  const std::uint64_t slots = number(4);
  const std::size_t batch = number(5);
  if (mode == "stream") stream(link, slots, batch);
  if (mode == "echo") {
    for (std::uint64_t i = 0; i < slots; ++i) link.push(link.pop());
  }
  if (mode == "send" || mode == "ask") {
    // The side that begins waits for a line, so that the clock starts when both are ready.
    if (std::getchar() == EOF) return 2;
    const auto started = Clock::now();
    if (mode == "send") send(link, slots, batch);
    for (std::uint64_t i = 0; mode == "ask" && i < slots; ++i) {
      link.push(i);
      link.pop();
    }
    std::printf("%.9f\n", std::chrono::duration<double>(Clock::now() - started).count());
  }
  return 0;
}
