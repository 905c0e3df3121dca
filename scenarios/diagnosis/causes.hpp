// What can stop connections, as data with sources (scenarios/diagnosis/*.json), compiled in: of each cause which
// numbers it gives, which errors and messages, how to tell it on the machine, and what helps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/systems/limit.hpp"
#include "scenarios/diagnosis/formula.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// A number that is known besides those of profiles and kinds of gateways, by its name in formulas.
struct KnownFigure {
  std::string what{};
  struct Value {
    std::uint64_t value = 0;
    std::string of{};  // whose it is, where they differ: "Debian"
  };
  std::vector<Value> values{};
  std::string source{};
  std::string confidence{};  // docs/profiles.md
};

// What a user may see that is no error of a call: "silence", "slow".
struct Symptom {
  std::string what{};
  std::vector<std::string> errors{};  // that say the same
  std::vector<std::string> words{};   // in lower case
};

// A number that a cause gives.
struct CountFormula {
  Formula formula{};
  std::uint64_t less = 0;            // how far below the figure is usual
  std::uint64_t less_per_mille = 0;  // of the figure; the larger of both counts
  std::uint64_t weight = 1000;       // per mille: how much it says when it fits
  std::string why{};
};

struct WhatTells {
  std::string run{};   // a command, or what to do
  std::string look{};  // for what
};

enum class During : std::uint8_t { either, load, idle };

struct Cause {
  std::string name{};            // "automatic-ports"
  std::optional<Limit> limit{};  // nothing: no limit of docs/limits.md
  std::string where{};
  std::string what{};
  std::uint64_t usual = 1;  // how often it is the cause, beside the others: 1 to 100
  During during = During::either;
  std::vector<std::string> systems{};  // empty: all
  std::vector<CountFormula> counts{};
  std::vector<CountFormula> rates{};    // connections a second
  bool any_count = false;               // any number fits equally well
  bool without_count = false;           // it fails whatever the number is: a number speaks against it
  bool silent_at_server = false;        // where it stops the other end, this one hears nothing
  std::vector<std::string> errors{};    // names, symptoms, or "@ports_exhausted_connect": a figure of the profile
  std::vector<std::string> aliases{};   // errors that some programs show in their place
  std::vector<std::string> messages{};  // in lower case; # stands for a number, which is the limit's
  std::map<std::string, std::vector<WhatTells>> tell{};      // by system; "any"
  std::map<std::string, std::vector<std::string>> remedy{};  // the same; of its limit where a cause has none
  std::string source{};
  std::string confidence{};
};

struct CauseBook {
  std::map<std::string, KnownFigure> figures{};
  std::map<std::string, Symptom> symptoms{};
  std::vector<std::pair<int, std::string>> numbers{};  // of errors: 99 is EADDRNOTAVAIL
  std::vector<Cause> causes{};
};

// Adds a file. What causes refer to exists: limits, errors, symptoms, systems; whether their formulas can be worked out
// is asked by a test. Errors of a text name it by `name`.
Loaded<CauseBook> read_causes(std::string_view text, std::string name, CauseBook so_far);
// What is compiled in. Throws std::logic_error if it is wrong, which a test rules out.
const CauseBook& cause_book();

}  // namespace netlimits::scenarios
