// What the sequences leave out, checked against the longer list with nothing left out; and the beginnings.
#include "fuzz/call_sequence.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fuzz/every_sequence.hpp"
#include "model/systems/rule_book.hpp"
#include "sim/script_on_model.hpp"
#include "tests/catch.hpp"
#include "tests/fuzz/two_models.hpp"

using namespace netlimits;
using namespace netlimits::fuzz;

namespace {

std::string exchanged(std::string text, const std::string& one, const std::string& other) {
  const std::string between = "#";
  for (const auto& [from, to] : {std::pair(one, between), std::pair(other, one), std::pair(between, other)}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

// What the sequence has come to: what the last call gave, and the look at all sockets, whatever these and the ports and
// addresses are called.
std::string outcome(const CallSequence& sequence, const ScriptRun& run) {
  const Script script = sequence.script();
  std::map<std::string, std::string> looks;
  for (const Step& step : script.steps) {
    const bool looking =
        step.call == Call::getsockname || step.call == Call::getpeername || step.call == Call::getsockopt;
    if (!looking) continue;
    const StepResult& gave = run.steps[static_cast<std::size_t>(&step - script.steps.data())];
    if (gave.rule == "descriptor.not-open") continue;  // closed, or never made: the same
    looks[step.socket] += fmt::format("{} {},", gave.result, gave.found);
  }
  std::set<std::string> spellings;
  std::string text = fmt::format("{}|{}|{}|{}", looks["a"], looks["b"], looks["c"], looks["d"]);
  std::string turned = fmt::format("{}|{}|{}|{}", looks["b"], looks["a"], looks["c"], looks["d"]);
  for (const std::string& names : {text, turned}) {
    for (const std::string& ports : {names, exchanged(names, ":40000", ":40001")})
      for (const std::string& addresses : {ports, exchanged(ports, "127.0.0.1", "127.0.0.2")})
        spellings.insert(addresses);
  }
  return *spellings.begin();
}

class Outcomes {
 public:
  explicit Outcomes(const SequenceWorld& world) : world_(world) {}

  std::set<std::string> of_those_enumerated(int length) {
    outcomes_.clear();
    follow({world_, true}, length, [](const CallSequence& sequence) {
      return sequence.goes_on() ? sequence.next() : std::vector<PlannedCall>{};
    });
    return outcomes_;
  }

  std::set<std::string> of_all(int length) {
    outcomes_.clear();
    follow({world_, true}, length, everything);
    return outcomes_;
  }

  std::uint64_t sequences = 0;

 private:
  // Any call at all on either socket, and on what accept() makes if it made any.
  static std::vector<PlannedCall> everything(const CallSequence& so_far) {
    std::vector<PlannedCall> calls;
    for (std::uint8_t slot = 0; slot < 4; ++slot) {
      if (slot > 1 && !so_far.is_open(slot)) continue;
      for (PlannedCall call : kinds_of_calls()) {
        if (call.option == Option::v6_only) continue;
        call.slot = slot;
        for (call.address = 0; call.address < 2; ++call.address)
          for (call.port = 0; call.port <= automatic_port; ++call.port) {
            const bool named = call.call == Call::bind || (call.call == Call::connect && call.port != automatic_port);
            if (named || (call.address == 0 && call.port == 0)) calls.push_back(call);
          }
      }
    }
    return calls;
  }

  void follow(const CallSequence& so_far, int left,
              const std::function<std::vector<PlannedCall>(const CallSequence&)>& next) {
    for (const PlannedCall& call : next(so_far)) {
      CallSequence sequence = so_far.with(call);
      const ScriptRun run = model_.run(sequence.script(), nullptr, false);
      ++sequences;
      sequence.note(run);
      outcomes_.insert(outcome(sequence, run));
      if (left > 1) follow(sequence, left - 1, next);
    }
  }

  const SequenceWorld& world_;
  sim::ModelScriptRunner model_;
  std::set<std::string> outcomes_;
};

}  // namespace

TEST_CASE("what is left out of the sequences leads nowhere that the others do not") {
#ifdef NDEBUG
  constexpr int length = 3;
#else
  constexpr int length = 2;
#endif
  Outcomes all(sequence_worlds().front());
  Outcomes enumerated(sequence_worlds().front());
  const auto everywhere = all.of_all(length);
  const auto reached = enumerated.of_those_enumerated(length);
  CHECK(all.sequences > 2 * enumerated.sequences);
  CHECK(reached.size() > 20);
  for (const std::string& outcome : everywhere) {
    INFO(outcome);
    CHECK(reached.contains(outcome));
  }
}

TEST_CASE("all sequences on the model against itself agree, and one wrong rule is found and shrunk") {
  const sim::ModelScriptRunner right;
  SequenceOptions options;
  options.length = 3;
  const std::vector<FuzzEngines> two{two_models(right, right), two_models(right, right)};
  const SequenceResult fine = every_sequence(options, two);
  CHECK(fine.found.disagreements.empty());
  CHECK(fine.found.unsteady.empty());
  CHECK_FALSE(fine.ended_early);
  CHECK(fine.parts.size() == sequence_worlds().size() * beginnings().size());
  std::uint64_t sum = 0;
  for (const SequencePart& part : fine.parts) {
    CHECK(part.sequences > 0);
    sum += part.sequences;
  }
  CHECK(sum == fine.found.cases);
  // The same count with one thread.
  CHECK(every_sequence(options, std::span(two).first(1)).found.cases == sum);

  const sim::ModelScriptRunner wrong(without(Rule::bind_time_wait_in_the_way));
  const std::vector<FuzzEngines> one{two_models(right, wrong)};
  const SequenceResult found = every_sequence(options, one);
  REQUIRE_FALSE(found.found.disagreements.empty());
  CHECK(found.found.disagreements.front().kernel == "EADDRINUSE");
  CHECK(found.found.disagreements.front().model == "ok");
  // The script that is left says what the right one does: it holds there and nowhere else.
  const Script& script = found.found.disagreements.front().script;
  CHECK(right.run(script, nullptr, true).passed);
  CHECK_FALSE(wrong.run(script, nullptr, true).passed);
}

TEST_CASE("every beginning comes to what its name says in every world") {
  const sim::ModelScriptRunner model;
  for (const SequenceWorld& world : sequence_worlds()) {
    for (const Beginning& beginning : beginnings()) {
      CallSequence sequence(world, beginning.calls.empty());
      for (const PlannedCall& call : beginning.calls) {
        sequence = sequence.with(call);
        const ScriptRun run = model.run(sequence.script(), nullptr, false);
        sequence.note(run);
      }
      INFO(world.name << ", " << beginning.name);
      const Script script = sequence.script();
      const ScriptRun run = model.run(script, nullptr, false);
      for (const Step& step : script.steps) {
        const StepResult& gave = run.steps[static_cast<std::size_t>(&step - script.steps.data())];
        const bool no_peer = step.call == Call::getpeername && gave.result == "ENOTCONN";  // of the listener
        INFO(step.pointer << " " << gave.result);
        CHECK((gave.result == "ok" || no_peer));
      }
    }
  }
}
