#include "options.hpp"

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <map>

#include "failure.hpp"

namespace lhw::sim {

const char* usage() {
  return "usage: simulator --in-fd N --out-fd N [options]     run for a host over two rings\n"
         "       simulator --bare FILE [options]              run recorded flits from memory\n"
         "  --parent PID        end when this process is gone\n"
         "  --two-evals         evaluate the model twice a cycle (for comparison)\n"
         "  --check-sleep       evaluate tiles that sleep, too, and fail if that changes one (tile-wise "
         "builds)\n"
         "  --record FILE       write all flits that come in\n"
         "  --stats FILE        write statistics (JSON) at the end, and at SIGUSR1\n"
         "  --trace FILE        write a waveform (builds with tracing only)\n"
         "  --trace-from T      first step of the waveform\n"
         "  --trace-to T        last step of the waveform\n"
         "  --watchdog N        give up after N cycles without progress (100000000)\n"
         "  --marks N           keep cycle and time of the first N PAUSED tokens in the statistics\n"
         "  --seed N            seed of memories that start undefined (checked builds)\n"
         "  --output FILE       write all flits that come out (bare runs only)\n"
         "  --jitter N          give and take flits at random times, by the seed N (bare runs only)\n"
         "exit: 0 done, 1 internal, 2 arguments, 3 host gone, 4 no progress, 5 assertion, 6 file, 7 "
         "SIGTERM\n";
}

namespace {

std::uint64_t number(const std::string& name, const std::string& text, std::uint64_t most) {
  char* end = nullptr;
  errno = 0;
  const std::uint64_t value = std::strtoull(text.c_str(), &end, 10);
  if (text.empty() || text[0] == '-' || *end != '\0' || errno != 0 || value > most) {
    throw Failure(Exit::usage,
                  name + " needs a number from 0 to " + std::to_string(most) + ", not '" + text + "'");
  }
  return value;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options o;
  const auto natural = [](auto& target, std::uint64_t most) {
    return [&target, most](const std::string& name, const std::string& text) {
      target = static_cast<std::remove_reference_t<decltype(target)>>(number(name, text, most));
    };
  };
  const auto word = [](std::string& target) {
    return [&target](const std::string&, const std::string& value) { target = value; };
  };
  using Set = std::function<void(const std::string&, const std::string&)>;
  const std::map<std::string, Set> with_value = {
      {"--in-fd", natural(o.in_fd, 1 << 20)},
      {"--out-fd", natural(o.out_fd, 1 << 20)},
      {"--parent", natural(o.parent, 1u << 30)},
      {"--bare", word(o.bare)},
      {"--record", word(o.record)},
      {"--stats", word(o.stats)},
      {"--trace", word(o.trace)},
      {"--trace-from", natural(o.trace_from, UINT32_MAX)},
      {"--trace-to", natural(o.trace_to, UINT32_MAX)},
      {"--watchdog", natural(o.watchdog, UINT64_MAX)},
      {"--marks", natural(o.marks, 1u << 24)},
      {"--seed", natural(o.seed, 1u << 30)},
      {"--output", word(o.output)},
      {"--jitter", natural(o.jitter, UINT32_MAX)},
  };
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--two-evals" || name == "--check-sleep") {
      (name == "--two-evals" ? o.two_evals : o.check_sleep) = true;
      continue;
    }
    const auto found = with_value.find(name);
    if (found == with_value.end()) throw Failure(Exit::usage, "unknown argument '" + name + "'");
    if (++i == argc) throw Failure(Exit::usage, name + " needs a value");
    found->second(name, argv[i]);
  }
  if (o.bare.empty() == (o.in_fd < 0 || o.out_fd < 0)) {
    throw Failure(Exit::usage, "give either --bare, or both --in-fd and --out-fd");
  }
  if (o.bare.empty() && (!o.output.empty() || o.jitter != 0)) {
    throw Failure(Exit::usage, "--output and --jitter need --bare: a host has the flits, and its own times");
  }
  return o;
}

}  // namespace lhw::sim
