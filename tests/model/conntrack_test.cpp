// A host's table of tracked connections: which segments make entries, how long each state lasts, and what a full one
// does.
#include "model/path/conntrack.hpp"

#include <rapidcheck.h>

#include <chrono>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits {
namespace {

using std::chrono::seconds;

FourTuple from_port(std::uint16_t port) {
  return {{IpAddress::v4(0x0a000005), Port{port}}, {IpAddress::v4(0x0a010009), Port{443}}};
}

Segment syn(std::uint16_t port) { return {.tuple = from_port(port), .syn = true}; }
Segment syn_ack(std::uint16_t port) { return {.tuple = from_port(port).reversed(), .syn = true, .ack = true}; }
Segment ack(std::uint16_t port) { return {.tuple = from_port(port), .ack = true}; }
Segment fin(std::uint16_t port) { return {.tuple = from_port(port), .ack = true, .fin = true}; }
Segment ack_of_fin(std::uint16_t port) { return {.tuple = from_port(port).reversed(), .ack = true, .acks_fin = true}; }
Segment fin_back(std::uint16_t port) { return {.tuple = from_port(port).reversed(), .ack = true, .fin = true}; }
Segment last_ack(std::uint16_t port) { return {.tuple = from_port(port), .ack = true, .acks_fin = true}; }

constexpr std::uint16_t three[] = {1, 2, 3};

SimTime at(int second) { return SimTime(seconds(second)); }

void establish(Conntrack& table, std::uint16_t port, SimTime now) {
  for (const Segment& segment : {syn(port), syn_ack(port), ack(port)}) CHECK(table.passes(segment, now));
}

// How long the entry of a connection stays after these segments, in whole seconds; 0: none is left at once.
int stays(const std::vector<Segment>& segments) {
  Conntrack table({.max = 10, .buckets = 10}, 1);
  for (const Segment& segment : segments) CHECK(table.passes(segment, at(0)));
  for (int second = 0; second <= 1'000'000; second += second < 1'000 ? 1 : 10'000) {
    // Any segment that has no entry of its own makes the table look for what is over.
    CHECK(table.passes(last_ack(9), at(second)));
    if (table.entries() == 0) return second;
  }
  return -1;
}

TEST_CASE("an entry stays after its last segment as long as its state says") {
  const std::vector<Segment> open{syn(1), syn_ack(1), ack(1)};
  const auto after = [&](std::vector<Segment> more) {
    std::vector<Segment> all = open;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  CHECK(stays({syn(1)}) == 120);
  CHECK(stays({syn(1), syn_ack(1)}) == 60);
  CHECK(stays(open) == -1);
  CHECK(stays(after({fin(1)})) == 120);
  CHECK(stays(after({fin(1), ack_of_fin(1)})) == 60);
  CHECK(stays(after({fin(1), ack_of_fin(1), fin_back(1)})) == 30);
  CHECK(stays(after({fin(1), ack_of_fin(1), fin_back(1), last_ack(1)})) == 120);
  Segment reset = ack(1);
  reset.rst = true;
  CHECK(stays(after({reset})) == 10);
  Segment refusal = syn_ack(1);
  refusal.syn = false;
  refusal.rst = true;
  CHECK(stays({syn(1), refusal}) == 0);
}

TEST_CASE("a full table lets nobody in, and what is open goes on") {
  Conntrack table({.max = 5, .buckets = 262'144, .held = 2}, 1);
  for (const std::uint16_t port : three) establish(table, port, at(0));
  CHECK(table.entries() == 5);
  CHECK_FALSE(table.passes(syn(4), at(1)));
  CHECK(table.passes(ack(2), at(1)));
  CHECK(table.entries() == 5);
  for (const Segment& segment : {fin(1), ack_of_fin(1), fin_back(1), last_ack(1)}) CHECK(table.passes(segment, at(2)));
  CHECK_FALSE(table.passes(syn(4), at(121)));
  CHECK(table.passes(syn(4), at(122)));
  CHECK(table.peak() == 5);
}

TEST_CASE("a SYN on an entry that is over takes its place") {
  Conntrack table({.max = 1, .buckets = 1}, 1);
  establish(table, 1, at(0));
  for (const Segment& segment : {fin(1), ack_of_fin(1), fin_back(1), last_ack(1)}) CHECK(table.passes(segment, at(1)));
  CHECK_FALSE(table.passes(syn(2), at(2)));
  establish(table, 1, at(2));
  CHECK(table.entries() == 1);
}

TEST_CASE("where buckets are few a newcomer takes an entry that nobody has answered for a second") {
  Conntrack crowded({.max = 3, .buckets = 3}, 1);
  for (const std::uint16_t port : three) CHECK(crowded.passes(syn(port), at(0)));
  CHECK_FALSE(crowded.passes(syn(4), at(0)));
  CHECK(crowded.passes(syn(4), at(1)));
  CHECK(crowded.entries() == 3);
  Conntrack answered({.max = 3, .buckets = 3}, 1);
  for (const std::uint16_t port : three) establish(answered, port, at(0));
  CHECK_FALSE(answered.passes(syn(4), at(100)));
  Conntrack spread({.max = 3, .buckets = 262'144}, 1);
  for (const std::uint16_t port : three) CHECK(spread.passes(syn(port), at(0)));
  CHECK_FALSE(spread.passes(syn(4), at(1)));
}

TEST_CASE("a table never has more entries than it may, and peaks are what was there") {
  CHECK(rc::check([] {
    const auto max = *rc::gen::inRange<std::uint64_t>(1, 12);
    Conntrack table({.max = max, .buckets = *rc::gen::element<std::uint64_t>(1, 16, 262'144)}, 7);
    std::uint64_t most = 0;
    int second = 0;
    for (int step = 0; step < 200; ++step) {
      const auto port = *rc::gen::inRange<std::uint16_t>(1, 20);
      const Segment segment = (*rc::gen::element(syn, syn_ack, ack, fin, ack_of_fin, fin_back, last_ack))(port);
      const std::uint64_t before = table.entries();
      const bool passed = table.passes(segment, at(second));
      RC_ASSERT(passed || (segment.syn && !segment.ack && before >= max));
      RC_ASSERT(table.entries() <= max);
      most = std::max(most, table.entries());
      second += *rc::gen::inRange(0, 40);
    }
    RC_ASSERT(table.peak() >= most);
  }));
}

}  // namespace
}  // namespace netlimits
