// The closed forms against the assignment counted connection by connection.
#include "analysis/demand.hpp"

#include <rapidcheck.h>

#include <map>
#include <tuple>

#include "model/scenario/assignment.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

TEST_CASE("the closed form of a program's share counts what the assignment gives") {
  CHECK(rc::check([] {
    const AssignmentShape shape{.host_instances = *rc::gen::inRange<std::uint64_t>(1, 5),
                                .process_instances = *rc::gen::inRange<std::uint64_t>(1, 4),
                                .sources = *rc::gen::inRange<std::uint64_t>(1, 4),
                                .destinations = *rc::gen::inRange<std::uint64_t>(1, 5)};
    const auto connections = *rc::gen::inRange<std::uint64_t>(0, 200);
    std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::uint64_t> counted;
    for (std::uint64_t k = 0; k < connections; ++k) {
      const Assignment given = assign(shape, k);
      const std::uint64_t program = given.process_instance * shape.host_instances + given.host_instance;
      ++counted[{program, given.source, given.destination}];
    }
    const std::uint64_t programs = shape.host_instances * shape.process_instances;
    for (std::uint64_t program = 0; program < programs; ++program) {
      const std::uint64_t rounds = connections / programs + (program < connections % programs ? 1 : 0);
      for (std::uint64_t source = 0; source < shape.sources; ++source) {
        for (std::uint64_t destination = 0; destination < shape.destinations; ++destination) {
          RC_ASSERT(share_of(rounds, shape.sources, shape.destinations, program % shape.destinations, source,
                             destination) == (counted[{program, source, destination}]));
        }
      }
    }
  }));
}

TEST_CASE("sets of alike numbers cover all numbers once, and their members agree") {
  CHECK(rc::check([] {
    const auto total = *rc::gen::inRange<std::uint64_t>(0, 60);
    const auto modulus = *rc::gen::inRange<std::uint64_t>(1, 12);
    const auto borders = *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 70));
    std::vector<int> met(total);
    for (const Alike& set : alike(total, modulus, borders)) {
      for (std::uint64_t i = 0; i < set.count; ++i) {
        const std::uint64_t number = set.first + i * modulus;
        RC_ASSERT(number < total);
        ++met[number];
        for (const std::uint64_t border : borders) RC_ASSERT((number < border) == (set.first < border));
      }
    }
    for (const int times : met) RC_ASSERT(times == 1);
  }));
  CHECK(alike(1'000'000'000'000ULL, 1, {7}) == std::vector<Alike>{{0, 7}, {7, 999'999'999'993ULL}});
}
