// What a comparison of the model and a kernel on random socket scripts found.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/script/script.hpp"
#include "model/systems/rule.hpp"

namespace netlimits::fuzz {

struct Disagreement {
  std::uint64_t number = 0;  // of the case
  Script script{};           // shrunk
  std::size_t step = 0;      // where they part
  std::string kernel{};
  std::string model{};
  std::string rule{};  // the model's
};

// A port that the model says an automatic choice can give and that the kernel never took.
struct NeverTakenPort {
  std::string rule{};
  std::vector<std::uint16_t> candidates{};  // by the model, `port` among them
  std::uint16_t port = 0;
  std::uint64_t choices = 0;     // so many like choices were seen
  std::uint64_t first_case = 0;  // with one of them
};

struct FuzzResult {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;
  std::uint64_t calls = 0;
  std::uint64_t not_run = 0;              // cases that an executor could not run
  std::vector<std::uint64_t> unsteady{};  // cases that differed once but not again: moments, not rules, decided
  std::string why_not_run{};              // the first reason
  std::vector<Disagreement> disagreements{};
  std::vector<NeverTakenPort> never_taken{};
  // By Rule: the cases in which the model says that it decided something.
  std::array<std::uint64_t, most_rules> rules{};
  std::map<std::string, std::uint64_t> results{};  // "ok" and errno names, with how often
};

// What all sequences of calls came to in one small world, from one beginning.
struct SequencePart {
  std::string world{};
  std::string beginning{};
  std::size_t length = 0;       // calls after the beginning, at most
  std::uint64_t sequences = 0;  // run and compared
  std::uint64_t alike = 0;      // stood for by another one that differs in names alone
};

struct SequenceResult {
  std::size_t length = 0;
  std::vector<SequencePart> parts{};
  FuzzResult found{};  // over all parts; Disagreement::number counts the different ones
  bool ended_early = false;
};

// What became of one planted fault.
struct HuntedFault {
  std::string name{};
  std::string believes{};
  std::string why_not_run{};             // this kernel cannot show it; empty otherwise
  std::optional<std::uint64_t> cases{};  // noticed after so many; nothing: not noticed
  std::size_t drawn_steps = 0;           // of the case that showed it
  Script script{};                       // that case, shrunk if that was asked for; empty when counting showed it
  std::string kernel{};                  // what the two say where they part
  std::string model{};
  std::optional<NeverTakenPort> never_taken{};
};

struct FaultHuntResult {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;     // run until all were noticed or the cases were used up
  std::uint64_t left_out = 0;  // cases that could not run, or in which the right model differed from the kernel
  std::string why_left_out{};  // the first reason
  std::vector<HuntedFault> faults{};
};

}  // namespace netlimits::fuzz
