// Hold model: pop the earliest event, push one later; with as many pending as the argument says. Against the binary
// heap of the standard library on the same draws, in the same run.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <queue>
#include <vector>

#include "sim/event_queue.hpp"

namespace netlimits::sim {
namespace {

// A multiplicative generator is enough for delays, and costs next to nothing beside the queue.
class Delays {
 public:
  std::int64_t random() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>(state_ >> 40U);
  }

 private:
  std::uint64_t state_ = 1;
};

constexpr std::int64_t constant_delay = std::int64_t{1} << 23U;

struct Pending {
  std::int64_t at;
  std::uint64_t sequence;
  std::uint32_t payload;
  bool operator>(const Pending& other) const { return at != other.at ? at > other.at : sequence > other.sequence; }
};

template <bool ConstantDelays>
void standard_heap(benchmark::State& state) {
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> queue;
  Delays delays;
  std::uint64_t sequence = 0;
  std::int64_t now = 0;
  for (std::int64_t i = 0; i < state.range(0); ++i) queue.push({ConstantDelays ? i : delays.random(), sequence++, 0});
  for (auto _ : state) {
    now = queue.top().at;
    queue.pop();
    queue.push({now + (ConstantDelays ? constant_delay : delays.random()), sequence++, 0});
  }
  state.SetItemsProcessed(state.iterations());
}

template <bool ConstantDelays>
void event_queue(benchmark::State& state) {
  EventQueue<std::uint32_t, 4> queue;
  Delays delays;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.push(SimTime(Duration(ConstantDelays ? i : delays.random())), 0, 0);
  }
  for (auto _ : state) {
    const auto entry = queue.pop();
    queue.push(entry->at + Duration(ConstantDelays ? constant_delay : delays.random()), 0, 0);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(standard_heap<false>)->Name("std::priority_queue/random delays")->Arg(1'000)->Arg(28'232)->Arg(1'000'000);
BENCHMARK(event_queue<false>)->Name("EventQueue/random delays")->Arg(1'000)->Arg(28'232)->Arg(1'000'000);
BENCHMARK(standard_heap<true>)->Name("std::priority_queue/constant delays")->Arg(1'000)->Arg(28'232)->Arg(1'000'000);
BENCHMARK(event_queue<true>)->Name("EventQueue/constant delays")->Arg(1'000)->Arg(28'232)->Arg(1'000'000);

}  // namespace
}  // namespace netlimits::sim
