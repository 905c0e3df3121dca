// What was answered about a scenario, figure by figure: what two answers are compared by.
//
// A figure has the name that it has in the JSON of a result, and a subject that does not depend on where it stands
// there: a limit is found by its name and place, not by its index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "analysis/interval.hpp"
#include "model/scenario/basis.hpp"

namespace netlimits::analysis {

// In the order in which differences are told.
enum class Subject : std::uint8_t {
  expectation,       // a claim by its name, and what all of them come to
  whole,             // of an engine: what is held, asked for, binds first, and when it ended
  binding,           // of a capacity: the limits of the cut, and each of them
  rung,              // of a capacity: a step of the ladder, by its number from 1, and each limit that binds there
  sustained,         // of a capacity: a workload and the place that bounds its rate
  without_back_end,  // of a capacity: a back end that is down
  workload,
  failure,  // a workload, limit, place and error
  limit,    // a limit and its place
  process,
  host,
  balancer,  // a back end of one
  window,    // a workload and a moment
  note,      // what was left out of account
  summary,   // the verdict sentence of an engine
};

// Nothing is null. A number is an interval of one value; other text of JSON's numbers and lists is text.
using FigureValue = std::variant<std::monostate, bool, Interval, std::string>;

struct AnsweredFigure {
  Subject subject{};
  std::string of{};    // whose; empty: there is only one
  std::string name{};  // "established", "first_at_ns"
  FigureValue value{};
};

// A limit and its place, as a result names them.
struct AnsweredLimit {
  std::string limit{};
  std::string place{};
  bool operator==(const AnsweredLimit&) const = default;
};

enum class Engine : std::uint8_t { capacity, run };

struct Answer {
  std::vector<Engine> by{};
  // What it rests on.
  std::string scenario{};
  std::string version{};
  std::uint64_t seed = 0;
  Basis basis{};
  // What its first line is about, from the run where there is one.
  Interval held{};
  std::optional<AnsweredLimit> binds{};  // the first of several; nothing: nothing breaks
  std::uint64_t failed = 0;              // of all workloads
  std::uint64_t lost = 0;

  // No two have the same subject, `of` and name.
  std::vector<AnsweredFigure> figures{};
};

// Both answers to one scenario, as one. Requires: by different engines.
Answer together(Answer capacity, Answer run);

}  // namespace netlimits::analysis
