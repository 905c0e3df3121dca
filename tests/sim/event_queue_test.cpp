// The order of events, against a sorted list.
#include "sim/event_queue.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits::sim {
namespace {

TEST_CASE("events of one instant come in the order in which they were pushed, whatever their lane") {
  EventQueue<int, 3> queue;
  const SimTime at = time_zero + std::chrono::seconds(5);
  queue.push(at, 2, 1);
  queue.push(at, 0, 2);
  queue.push(at - Duration(1), 0, 0);
  queue.push(at, 1, 3);
  for (int expected = 0; expected < 4; ++expected) CHECK(queue.pop()->payload == expected);
  CHECK_FALSE(queue.pop());
}

TEST_CASE("an earlier turn of one instant comes first, however late it was pushed") {
  EventQueue<int, 3> queue;
  const SimTime at = time_zero + std::chrono::seconds(5);
  queue.push(at, 2, 3, 5);
  queue.push(at, 1, 2, 1);
  CHECK(queue.next().payload == 2);
  queue.push(at, 0, 0, 0);
  CHECK(queue.next().payload == 0);
  queue.push(at, 0, 1, 0);
  queue.push(at, 2, 4, 5);
  for (int expected = 0; expected < 5; ++expected) CHECK(queue.pop()->payload == expected);
}

TEST_CASE("the queue gives exactly the order of time, then of pushing, for any mixture of pushes and pops") {
  CHECK(rc::check([](const std::vector<std::pair<std::uint16_t, std::uint8_t>>& operations) {
    EventQueue<std::size_t, 4> queue;
    std::vector<std::pair<std::int64_t, std::size_t>> pending;  // (time, number of the push), kept sorted by search
    std::int64_t now = 0;
    std::size_t pushed = 0;
    const auto pop_and_compare = [&] {
      const auto least = std::min_element(pending.begin(), pending.end());
      const auto popped = queue.pop();
      RC_ASSERT(popped.has_value());
      RC_ASSERT(popped->at.time_since_epoch().count() == least->first);
      RC_ASSERT(popped->payload == least->second);
      now = least->first;
      pending.erase(least);
    };
    for (const auto& [delay, choice] : operations) {
      if (choice % 3 == 0 && !pending.empty()) {
        pop_and_compare();
        continue;
      }
      // Few different delays, so that ties and whole lanes of constant delays occur.
      const std::int64_t at = now + delay % 7;
      queue.push(SimTime(Duration(at)), choice % 4, pushed);
      pending.emplace_back(at, pushed++);
    }
    while (!pending.empty()) pop_and_compare();
    RC_ASSERT(queue.empty());
  }));
}

TEST_CASE("what is of no use can be taken out: the others keep their order, and the last moment stays") {
  CHECK(rc::check([](const std::vector<std::pair<std::uint16_t, std::uint8_t>>& pushes) {
    EventQueue<std::size_t, 4> queue;
    const auto of_use = [&](std::size_t number) { return pushes[number].second % 2 == 0; };
    std::vector<std::pair<std::int64_t, std::size_t>> expected;
    std::int64_t last = 0;
    for (std::size_t i = 0; i < pushes.size(); ++i) {
      const std::int64_t at = pushes[i].first % 50;
      queue.push(SimTime(Duration(at)), pushes[i].second % 4, i);
      last = std::max(last, at);
      if (of_use(i)) expected.emplace_back(at, i);
    }
    std::sort(expected.begin(), expected.end());
    queue.keep_if(of_use);
    RC_ASSERT(queue.size() <= expected.size() + 5);
    std::vector<std::pair<std::int64_t, std::size_t>> popped;
    std::int64_t last_popped = 0;
    while (const auto entry = queue.pop()) {
      last_popped = entry->at.time_since_epoch().count();
      if (of_use(entry->payload)) popped.emplace_back(last_popped, entry->payload);
    }
    RC_ASSERT(popped == expected);
    RC_ASSERT(last_popped == last);
  }));
}

TEST_CASE("a long lane of constant delays survives being consumed while it grows") {
  EventQueue<std::size_t, 1> queue;
  std::size_t expected = 0;
  for (std::size_t i = 0; i < 50'000; ++i) {
    queue.push(SimTime(Duration(static_cast<std::int64_t>(i) + 10'000)), 0, i);
    if (i >= 9'000) REQUIRE(queue.pop()->payload == expected++);
  }
  while (!queue.empty()) REQUIRE(queue.pop()->payload == expected++);
  CHECK(expected == 50'000);
}

}  // namespace
}  // namespace netlimits::sim
