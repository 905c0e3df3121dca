// In which slot a kernel's timer runs off.
#include "model/tcp/timer_wheel.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace netlimits;
using namespace std::chrono_literals;

TEST_CASE("a timer runs off at the end of its slot: later than it was set for, and by no more than the slot") {
  struct Row {
    Duration wait;
    Duration slot;
  };
  for (const Row& row : {Row{100ms, 4ms}, Row{1s, 32ms}, Row{2s, 32ms}, Row{4s, 256ms}, Row{16s, 256ms},
                         Row{32s, 2048ms}, Row{120s, 2048ms}}) {
    CAPTURE(row.wait.count());
    for (Duration set = 0ms; set < 3s; set += 7ms) {
      const SimTime due = time_zero + set + row.wait;
      const SimTime off = timer_runs_off(due, row.wait);
      CHECK(off > due);
      CHECK(off - due <= row.slot);
      CHECK((off - time_zero) % row.slot == Duration::zero());
    }
  }
}

// Measured on 6.18 with eighty clients that begin 247 a second before a full queue, over loopback and over a wire: in
// each slot of 32 ms eight come at once.
TEST_CASE("timers of a second that are set 4 ms apart come eight at a time") {
  std::multiset<SimTime> together;
  for (int i = 0; i < 64; ++i) together.insert(timer_runs_off(time_zero + i * 4ms + 1s, 1s));
  std::set<std::size_t> sizes;
  for (const SimTime& at : together) sizes.insert(together.count(at));
  CHECK(*sizes.rbegin() == 8);
}
