// Two answers beside each other: what only one of them has, and what both have and do not agree on.
#include "analysis/differences/differences.hpp"

#include "tests/catch.hpp"

using namespace netlimits::analysis;

namespace {

Answer answer(std::vector<AnsweredFigure> figures) {
  Answer made{.by = {Engine::run}, .scenario = "s", .version = "1", .seed = 1};
  made.figures = std::move(figures);
  return made;
}

AnsweredFigure count(Subject subject, const char* of, const char* name, std::uint64_t value) {
  return {subject, of, name, Interval::exactly(value)};
}

}  // namespace

TEST_CASE("equal answers have no differences, whatever version gave them and however the file was laid out") {
  Answer before = answer({count(Subject::workload, "load", "established", 5)});
  Answer after = before;
  after.version = "2";
  after.basis.sha256 = "another";
  CHECK_FALSE(differences(before, after).changed());
}

TEST_CASE("a figure is found by its subject, whose it is and its name, in whatever order") {
  const auto found =
      differences(answer({count(Subject::limit, "a", "peak", 1), count(Subject::workload, "x", "failed", 2)}),
                  answer({count(Subject::workload, "x", "failed", 3), count(Subject::limit, "a", "peak", 1)}));
  REQUIRE(found.figures.size() == 1);
  CHECK(found.figures[0].of == "x");
  CHECK(found.figures[0].before == FigureValue(Interval::exactly(2)));
  CHECK(found.figures[0].after == FigureValue(Interval::exactly(3)));
}

TEST_CASE("null is not the same as nothing, and an interval not as a number") {
  const auto one = [](FigureValue value) { return answer({{Subject::whole, "run", "at", std::move(value)}}); };
  CHECK(differences(one({}), one(Interval{})).changed());
  CHECK(differences(one(Interval{1, 2}), one(Interval::exactly(1))).changed());
  CHECK(differences(one(std::string("1")), one(Interval::exactly(1))).changed());
  CHECK_FALSE(differences(one({}), one({})).changed());
}

TEST_CASE("what only one of them has is told by what it says, and by all of it where that is nothing") {
  const Answer none = answer({});
  const Answer some =
      answer({count(Subject::workload, "load", "established", 5), count(Subject::workload, "load", "failed", 0)});
  const auto found = differences(none, some);
  REQUIRE(found.figures.size() == 1);
  CHECK(found.figures[0].name == "established");
  CHECK_FALSE(found.figures[0].before);
  const auto gone = differences(some, none);
  REQUIRE(gone.figures.size() == 1);
  CHECK_FALSE(gone.figures[0].after);
  CHECK(differences(none, answer({count(Subject::workload, "idle", "failed", 0)})).changed());
  // A figure that an item of both has gained is told, nothing or not.
  CHECK(differences(answer({count(Subject::workload, "load", "established", 5)}), some).figures.size() == 1);
}

TEST_CASE("differences come by subject, and all of one thing together") {
  const auto found =
      differences(answer({count(Subject::limit, "b", "peak", 1), count(Subject::limit, "a", "peak", 1),
                          count(Subject::workload, "load", "failed", 0)}),
                  answer({count(Subject::limit, "a", "peak", 2), count(Subject::limit, "b", "peak", 2),
                          count(Subject::limit, "b", "capacity", 9), count(Subject::workload, "load", "failed", 1)}));
  std::vector<std::string> order;
  for (const FigureChange& change : found.figures) order.push_back(change.of + " " + change.name);
  CHECK(order == std::vector<std::string>{"load failed", "b peak", "b capacity", "a peak"});
}

TEST_CASE("of results alone the input is what they rest on") {
  Answer before = answer({});
  before.basis.effective_sha256 = "a";
  before.basis.profiles = {{"linux", "6.18", "x"}, {"macos", "", "y"}};
  Answer after = before;
  after.seed = 2;
  after.basis.effective_sha256 = "b";
  after.basis.profiles = {{"linux", "6.18", "z"}, {"windows", "", "y"}};
  std::vector<std::string> what;
  for (const InputChange& change : differences(before, after).input) what.push_back(change.what);
  CHECK(what ==
        std::vector<std::string>{"scenario in effect", "seed", "profile linux", "profile macos", "profile windows"});
  CHECK(differences(before, after, std::vector<InputChange>{}).input.empty());
}
