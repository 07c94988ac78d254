// Steps of fixed-point models for whole arrays: what numpy does in many passes, in one.
//
// The Python models say what the numbers are (lava_hw/proc/lif/models.py, proc/dense, proc/sparse); tests
// hold these functions to them. All sums wrap at 32 bits, so they are done without sign.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lhw::steps {

// u lies in (-kUvLimit, kUvLimit], v in [-(kUvLimit - 1), kUvLimit - 1].
constexpr std::int32_t kUvLimit = 1 << 23;

struct Lif {
  double u_kept;  // of u in a step: 0 to 1, a multiple of 2^-12, so that products with 32 bits are exact
  double v_kept;
  int input_shift;  // 0 to 31
  std::int32_t threshold;
};

// Steps of n LIF neurons. `input` and `spikes` have a row of n for each step.
inline void lif(const Lif& p, std::size_t steps, std::size_t n, const std::int32_t* __restrict input,
                std::int32_t* __restrict u, std::int32_t* __restrict v, const std::int32_t* __restrict bias,
                std::uint8_t* __restrict spikes) {
  for (std::size_t t = 0; t < steps; ++t, input += n, spikes += n) {
    for (std::size_t i = 0; i < n; ++i) {
      // The conversion rounds toward zero, as it is wanted.
      const auto decayed = static_cast<std::uint32_t>(static_cast<std::int32_t>(u[i] * p.u_kept));
      const std::uint32_t added = static_cast<std::uint32_t>(input[i]) << p.input_shift;
      auto current = static_cast<std::int32_t>(decayed + added);
      // Wrapped once only: what is beyond 3 * 2^23 stays out of range.
      const std::int32_t down = current > kUvLimit ? -2 * kUvLimit : 0;
      const std::int32_t up = current <= -kUvLimit ? 2 * kUvLimit : 0;
      current += down + up;
      u[i] = current;
      const auto kept = static_cast<std::uint32_t>(static_cast<std::int32_t>(v[i] * p.v_kept));
      auto voltage = static_cast<std::int32_t>(kept + static_cast<std::uint32_t>(current) +
                                               static_cast<std::uint32_t>(bias[i]));
      voltage = std::min(std::max(voltage, 1 - kUvLimit), kUvLimit - 1);
      const bool spike = voltage > p.threshold;
      spikes[i] = spike;
      v[i] = spike ? 0 : voltage;
    }
  }
}

// What an input does to a sum: spikes count once, graded messages as often as they say.
struct Message {
  std::uint32_t place;
  std::uint32_t value;
};

// The messages of some steps that are not zero.
class Active {
 public:
  Active(std::size_t steps, std::size_t inputs, const std::int32_t* input, bool graded) {
    first_.reserve(steps + 1);
    first_.push_back(0);
    for (std::size_t t = 0; t < steps; ++t, input += inputs) {
      for (std::size_t i = 0; i < inputs; ++i) {
        if (input[i] != 0) {
          const auto value = graded ? static_cast<std::uint32_t>(input[i]) : 1U;
          all_.push_back({static_cast<std::uint32_t>(i), value});
        }
      }
      first_.push_back(all_.size());
    }
  }
  const Message* begin(std::size_t step) const { return all_.data() + first_[step]; }
  const Message* end(std::size_t step) const { return all_.data() + first_[step + 1]; }
  std::size_t count() const { return all_.size(); }

 private:
  std::vector<Message> all_;
  std::vector<std::size_t> first_;
};

// Of a sum to what is sent: times 2^exponent (-31 to 31), flooring, the low 32 bits.
inline std::int32_t shifted(std::uint32_t sum, int exponent) {
  if (exponent >= 0) return static_cast<std::int32_t>(sum << exponent);
  return static_cast<std::int32_t>(sum) >> -exponent;
}
inline std::int32_t shifted(std::int64_t sum, int exponent) {
  if (exponent >= 0) return static_cast<std::int32_t>(static_cast<std::uint64_t>(sum) << exponent);
  return static_cast<std::int32_t>(sum >> -exponent);
}

namespace detail {

// Sums of `width` outputs from `column` on, at most `Width`, which stay in the first cache. Long pieces of a
// row at a time: rows are often a power of two apart, and short pieces of many would share few lines of a
// cache.
template <class Sum, bool Graded, std::size_t Width>
void dense_columns(const Message* first, const Message* last, std::size_t outputs, std::size_t width,
                   const std::int32_t* __restrict weights, int exponent, std::int32_t* __restrict output) {
  Sum sum[Width] = {};
  const Message* m = first;
  // Four rows at a time, so that a sum is fetched and stored once for them.
  for (; last - m >= 4; m += 4) {
    const std::int32_t* a = weights + m[0].place * outputs;
    const std::int32_t* b = weights + m[1].place * outputs;
    const std::int32_t* c = weights + m[2].place * outputs;
    const std::int32_t* d = weights + m[3].place * outputs;
    for (std::size_t j = 0; j < width; ++j) {
      if constexpr (Graded) {
        sum[j] += static_cast<Sum>(a[j]) * m[0].value + static_cast<Sum>(b[j]) * m[1].value +
                  static_cast<Sum>(c[j]) * m[2].value + static_cast<Sum>(d[j]) * m[3].value;
      } else {
        sum[j] +=
            static_cast<Sum>(a[j]) + static_cast<Sum>(b[j]) + static_cast<Sum>(c[j]) + static_cast<Sum>(d[j]);
      }
    }
  }
  for (; m != last; ++m) {
    const std::int32_t* a = weights + m->place * outputs;
    for (std::size_t j = 0; j < width; ++j) {
      sum[j] += static_cast<Sum>(a[j]) * (Graded ? static_cast<Sum>(m->value) : Sum{1});
    }
  }
  for (std::size_t j = 0; j < width; ++j) output[j] = shifted(sum[j], exponent);
}

template <class Sum, bool Graded>
void dense(const Active& active, std::size_t steps, std::size_t outputs, const std::int32_t* weights,
           int exponent, std::int32_t* output) {
  constexpr std::size_t kNarrow = 64;
  constexpr std::size_t kWide = 1024;
  for (std::size_t t = 0; t < steps; ++t, output += outputs) {
    const Message* first = active.begin(t);
    const Message* last = active.end(t);
    if (outputs <= kNarrow) {
      dense_columns<Sum, Graded, kNarrow>(first, last, outputs, outputs, weights, exponent, output);
      continue;
    }
    for (std::size_t column = 0; column < outputs; column += kWide) {
      dense_columns<Sum, Graded, kWide>(first, last, outputs, std::min(kWide, outputs - column),
                                        weights + column, exponent, output + column);
    }
  }
}

}  // namespace detail

// Sums of a dense connection. `weights` has a row of all outputs for each input. Graded products wrap at 32
// bits before they are shifted; sums of weights do not, so they may need 64.
inline void dense(const Active& active, bool graded, std::size_t steps, std::size_t outputs,
                  const std::int32_t* weights, int exponent, std::int32_t* output) {
  if (graded) {
    detail::dense<std::uint32_t, true>(active, steps, outputs, weights, exponent, output);
  } else if (exponent >= 0) {
    detail::dense<std::uint32_t, false>(active, steps, outputs, weights, exponent, output);
  } else {
    detail::dense<std::int64_t, false>(active, steps, outputs, weights, exponent, output);
  }
}

// The stored entries of a sparse matrix by input: those of input i are first[i] to first[i + 1].
struct Entries {
  const std::int32_t* first;
  const std::int32_t* output;  // of an entry
  const std::int32_t* place;   // of an entry, in the weights
};

namespace detail {

template <class Sum, bool Graded>
void sparse(const Active& active, std::size_t steps, std::size_t outputs, const Entries& entries,
            const std::int32_t* weights, int exponent, std::int32_t* output) {
  std::vector<Sum> sum(outputs);
  for (std::size_t t = 0; t < steps; ++t) {
    std::fill(sum.begin(), sum.end(), Sum{0});
    for (const Message* m = active.begin(t); m != active.end(t); ++m) {
      const Sum times = Graded ? static_cast<Sum>(m->value) : Sum{1};
      for (std::int32_t k = entries.first[m->place]; k < entries.first[m->place + 1]; ++k) {
        sum[static_cast<std::size_t>(entries.output[k])] +=
            static_cast<Sum>(weights[static_cast<std::size_t>(entries.place[k])]) * times;
      }
    }
    for (std::size_t j = 0; j < outputs; ++j) output[t * outputs + j] = shifted(sum[j], exponent);
  }
}

}  // namespace detail

// Sums of a sparse connection; see `dense`.
inline void sparse(const Active& active, bool graded, std::size_t steps, std::size_t outputs,
                   const Entries& entries, const std::int32_t* weights, int exponent, std::int32_t* output) {
  if (graded) {
    detail::sparse<std::uint32_t, true>(active, steps, outputs, entries, weights, exponent, output);
  } else if (exponent >= 0) {
    detail::sparse<std::uint32_t, false>(active, steps, outputs, entries, weights, exponent, output);
  } else {
    detail::sparse<std::int64_t, false>(active, steps, outputs, entries, weights, exponent, output);
  }
}

}  // namespace lhw::steps
