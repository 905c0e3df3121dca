// What the limits of a cut say of those that meet them.
#pragma once

#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/network_question.hpp"

namespace netlimits::analysis {

struct FirstRefused {
  std::vector<CutLimit> limits{};
  bool open = false;                 // another one is as possible
  std::vector<CutLimit> earliest{};  // those of them that are met before the others; none: that is not known
};

struct MetFirst {
  std::vector<CutLimit> limits{};
  bool crowded = false;             // connections of several workloads begin at that moment
  std::vector<CutLimit> by_then{};  // what refuses once all have begun that begin at that moment
  bool by_chance = false;           // of several that begin at that moment chance may let another limit refuse one
};

// In printed order.
std::vector<Binding> binding_of(const std::vector<CutLimit>& bound);

std::vector<CutLimit> limits_of(Limit kind, const std::vector<CutLimit>& limits);

// These before the others of `binding`.
void put_first(const std::vector<CutLimit>& earliest, std::vector<Binding>& binding);

// Is whoever comes to any of them told at once, however few there are?
bool leads_nowhere(const std::vector<CutLimit>& limits);

// Are they tables of tracked connections, and nothing else? Their host drops a SYN before any program of it hears of
// it.
bool are_tables(const std::vector<CutLimit>& limits);

// Nobody fails whom no program accepts while a queue has room. Where that bounds `cut`, beside limits at which some
// fail, those whom one of `refusing` refuses may be the first: with them, and without such queues.
std::vector<CutLimit> with_those_that_refuse(std::vector<CutLimit> cut, const std::vector<CutLimit>& refusing);

}  // namespace netlimits::analysis
