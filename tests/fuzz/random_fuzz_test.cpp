// The threads of random scripts: the same findings in the same order, and an early end.
#include "fuzz/random_fuzz.hpp"

#include <stdexcept>
#include <vector>

#include "model/systems/rule_book.hpp"
#include "tests/catch.hpp"
#include "tests/fuzz/two_models.hpp"

namespace netlimits::fuzz {
namespace {

std::vector<FuzzEngines> several(std::size_t count, const sim::ModelScriptRunner& one,
                                 const sim::ModelScriptRunner& other) {
  return std::vector<FuzzEngines>(count, two_models(one, other));
}

std::vector<std::uint64_t> cases_of(const FuzzResult& result) {
  std::vector<std::uint64_t> numbers;
  for (const Disagreement& found : result.disagreements) numbers.push_back(found.number);
  return numbers;
}

}  // namespace

TEST_CASE("one pair of engines and several find the same, in the same order") {
  const sim::ModelScriptRunner right;
  const sim::ModelScriptRunner wrong(without(Rule::close_linger_resets));
  FuzzOptions options;
  options.first_case = 40;
  options.cases = 600;
  options.most_disagreements = 1000;
  const FuzzResult alone = fuzz_scripts(options, several(1, right, wrong));
  const FuzzResult together = fuzz_scripts(options, several(4, right, wrong));
  REQUIRE(cases_of(alone).size() > 2);
  CHECK(cases_of(alone).front() >= options.first_case);
  CHECK(cases_of(alone) == cases_of(together));
  CHECK(alone.cases == options.cases);
  CHECK(together.cases == options.cases);
  CHECK(alone.calls == together.calls);
  CHECK(alone.rules == together.rules);
  CHECK(alone.results == together.results);
  CHECK(fuzz_scripts(options, several(3, right, right)).disagreements.empty());
}

TEST_CASE("random cases end after the most disagreements asked for") {
  const sim::ModelScriptRunner right;
  const sim::ModelScriptRunner wrong(without(Rule::close_linger_resets));
  FuzzOptions options;
  options.cases = 100'000;
  options.most_disagreements = 2;
  const FuzzResult result = fuzz_scripts(options, several(3, right, wrong));
  CHECK(result.disagreements.size() == 2);
  CHECK(result.cases < options.cases);
}

TEST_CASE("random cases end when they are told to, with all threads") {
  const sim::ModelScriptRunner right;
  FuzzOptions options;
  options.cases = 1'000'000;
  int asked = 0;
  options.stop = [&] { return ++asked > 20; };
  CHECK(fuzz_scripts(options, several(3, right, right)).cases < options.cases);
  options.stop = [&]() -> bool { throw std::runtime_error("interrupted"); };
  CHECK_THROWS_AS(fuzz_scripts(options, several(3, right, right)), std::runtime_error);
}

}  // namespace netlimits::fuzz
