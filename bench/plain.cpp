// A layer of LIF neurons as one would write it in C++ without a chip: rows of int8 weights are added where an
// input spikes, then all neurons are updated. What it computes is checked against golden (bench/plain.py).
//
// Usage: plain FILE WARM STEPS [SPIKES]
// FILE holds bias (int32), voltages (int32), rows (int8, one for each input) and which inputs spike in a step
// (one byte each, for kPeriod steps). Prints the seconds of STEPS steps that follow WARM others; SPIKES gets
// the spikes of the last kPeriod steps, a byte each.
//
// The sizes are constants, as they are in a simulator of the chip.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int kInputs = LHW_INPUTS, kNeurons = LHW_NEURONS, kPeriod = LHW_PERIOD;
constexpr std::int32_t kMost = (1 << 23) - 1;

std::int32_t bias, voltage[kNeurons], sum[kNeurons];
std::int8_t rows[kInputs][kNeurons];
std::uint8_t inputs[kPeriod][kInputs], spikes[kPeriod][kNeurons];

void add(std::int32_t* __restrict to, const std::int8_t* __restrict row) {
  for (int n = 0; n < kNeurons; ++n) to[n] += row[n];
}

void update(std::int32_t* __restrict v, std::int32_t* __restrict arrived, std::uint8_t* __restrict fired) {
  const std::int32_t threshold = 640 * bias;
  for (int n = 0; n < kNeurons; ++n) {
    std::int32_t next = v[n] + 64 * (arrived[n] + bias);
    next = next < -kMost ? -kMost : next > kMost ? kMost : next;
    fired[n] = next > threshold;
    v[n] = next > threshold ? 0 : next;
    arrived[n] = 0;
  }
}

void step(long t) {
  const std::uint8_t* active = inputs[t % kPeriod];
  update(voltage, sum, spikes[t % kPeriod]);
  for (int i = 0; i < kInputs; ++i) {
    if (active[i]) add(sum, rows[i]);
  }
}

bool read(std::FILE* file) {
  const auto part = [file](void* to, std::size_t size) { return std::fread(to, 1, size, file) == size; };
  return part(&bias, sizeof bias) && part(voltage, sizeof voltage) && part(rows, sizeof rows) &&
         part(inputs, sizeof inputs) && std::fgetc(file) == EOF;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  std::FILE* file = std::fopen(argv[1], "rb");
  if (file == nullptr || !read(file)) {
    std::fprintf(stderr, "plain: %s is no network of %d inputs and %d neurons\n", argv[1], kInputs, kNeurons);
    return 1;
  }
  std::fclose(file);
  const long warm = std::atol(argv[2]), steps = std::atol(argv[3]);
  long t = 0;
  while (t < warm) step(t++);
  const auto begin = std::chrono::steady_clock::now();
  while (t < warm + steps) step(t++);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%.9f\n", seconds.count());
  if (argc == 5) {
    file = std::fopen(argv[4], "wb");
    if (file == nullptr || std::fwrite(spikes, 1, sizeof spikes, file) != sizeof spikes) return 1;
    std::fclose(file);
  }
  return 0;
}
