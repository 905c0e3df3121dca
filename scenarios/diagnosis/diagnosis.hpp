// Backwards: which limits give this number and this error, how likely each, and why.
//
// Each cause of the book is weighed: how usual it is, how well a number that it gives fits the one that was seen,
// whether its errors and messages are the ones that were seen, when it shows itself, and how full its limit was found
// to be. The weights are whole numbers; their shares are what a reader sees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/systems/limit.hpp"
#include "scenarios/diagnosis/causes.hpp"
#include "scenarios/diagnosis/complaint.hpp"
#include "scenarios/diagnosis/known_system.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {

// How full a limit of the machine in question was found to be.
struct SeenUse {
  Limit limit{};
  std::string place{};
  std::uint64_t capacity = 0;
  std::uint64_t used = 0;
};

struct Complaint {
  std::optional<ToldCount> count{};
  std::optional<ToldCount> rate{};  // connections a second
  std::optional<ToldError> error{};
  During during = During::either;
  std::string os{};                      // a profile; empty: every system is looked at
  std::optional<SeenFigures> machine{};  // requires: os is the profile of the machine
  std::vector<SeenUse> use{};
};

// What speaks for a cause, a sentence each.
struct Evidence {
  std::string says{};
  std::string formula{};  // of a number: how it comes about; or empty
  std::optional<std::uint64_t> figure{};
};

struct Explained {
  const Cause* cause = nullptr;
  std::uint64_t share = 0;  // per mille of all that was weighed
  std::string profile{};    // under which it fits best
  std::string system{};
  bool fits = false;  // a number or an error that was seen is one that it gives
  std::vector<Evidence> evidence{};
  std::optional<SeenUse> use{};
  std::vector<WhatTells> tell{};      // on that system
  std::vector<std::string> remedy{};  // the same; of the cause, or of its limit
};

// The likeliest first; equals in the order of the book. Causes that other systems have are left out, and those without
// a thousandth of the whole. Requires: a name of `profiles`, or none, in complaint.os.
std::vector<Explained> diagnose(const Complaint& complaint, const ProfileSet& profiles, const CauseBook& book);

}  // namespace netlimits::scenarios
