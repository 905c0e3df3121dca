// What changed from one answer to another, and in what was asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/differences/answer.hpp"

namespace netlimits::analysis {

// A part of what was asked that is not the same: "/hosts/server/processes/web/nofile", or of two results that do not
// have their scenarios with them "seed", "scenario in effect", "profile linux".
struct InputChange {
  std::string what{};
  std::optional<std::string> before{};  // as JSON; nothing: it is not there
  std::optional<std::string> after{};
};

struct FigureChange {
  Subject subject{};
  std::string of{};
  std::string name{};
  std::optional<FigureValue> before{};  // nothing: it is not there
  std::optional<FigureValue> after{};
};

struct Differences {
  Answer before{};
  Answer after{};
  std::vector<InputChange> input{};
  std::vector<FigureChange> figures{};  // by subject, then in the order of the answers, the earlier one first

  bool changed() const { return !input.empty() || !figures.empty(); }
};

// `input`: what changed in it, where both scenarios are at hand; nothing: as far as the answers tell. The version of
// the program is no part of it, nor is the layout of the scenario's file. Requires: answers by the same engines.
//
// Of what only one of the answers has, figures that are nothing (0, null, no text) are left out, unless all are.
Differences differences(Answer before, Answer after, std::optional<std::vector<InputChange>> input = std::nullopt);

}  // namespace netlimits::analysis
