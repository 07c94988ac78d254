// The simulator: a Verilated top between two rings. See sim/README.md, and --help.

#include <cstdio>
#include <cstring>
#include <memory>

#include "bridge/errors.hpp"
#include "failure.hpp"
#include "host.hpp"
#include "options.hpp"
#include "sim.hpp"
#include "stops.hpp"

namespace lhw::sim {
namespace {

int end(Host& host, Exit code, const char* text) {
  std::fprintf(stderr, "simulator: %s\n", text);
  host.failed(static_cast<int>(code), text);
  return static_cast<int>(code);
}

int run(const Options& options) {
  std::unique_ptr<Host> host;
  if (options.bare.empty()) {
    host = std::make_unique<RingHost>(options);
  } else {
    host = std::make_unique<FileHost>(options);
  }
  try {
    Sim sim(options, *host);
    sim.run();
    host->closed();
    if (!options.bare.empty()) std::fputs(sim.statistics().c_str(), stdout);
    return static_cast<int>(Exit::done);
  } catch (const Failure& error) {
    return end(*host, error.code, error.what());
  } catch (const bridge::PeerClosed&) {  // the host left while flits for it were on their way
    return static_cast<int>(Exit::done);
  } catch (const bridge::Stopped&) {
    return static_cast<int>(Exit::done);
  } catch (const bridge::PeerDied& error) {
    return end(*host, Exit::host_gone, error.what());
  } catch (const std::exception& error) {
    return end(*host, Exit::internal, error.what());
  }
}

}  // namespace
}  // namespace lhw::sim

int main(int argc, char** argv) {
  using namespace lhw::sim;
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(usage(), stdout);
    return 0;
  }
  install_signals();
  try {
    return run(parse_options(argc, argv));
  } catch (const Failure& error) {
    std::fprintf(stderr, "simulator: %s\n", error.what());
    return static_cast<int>(error.code);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simulator: %s\n", error.what());
    return static_cast<int>(Exit::internal);
  }
}
