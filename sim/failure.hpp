// The one exception of the harness: a text for the host, and the exit code.
#pragma once

#include <stdexcept>
#include <string>

#include "options.hpp"

namespace lhw::sim {

class Failure : public std::runtime_error {
 public:
  Failure(Exit exit_code, const std::string& text) : std::runtime_error(text), code(exit_code) {}
  Exit code;
};

}  // namespace lhw::sim
