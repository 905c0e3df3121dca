// The differences of two answers in words: the sentence in front, and each figure as a reader takes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/differences/differences.hpp"

namespace netlimits::report {

// "-24 %", "+2.5 %"; "-1" where it is less than a tenth of a percent. Empty: there is none, of equal figures and of
// none before.
std::string relative_change(std::uint64_t before, std::uint64_t after);

// "holds 55,000 -> 42,000 (-24 %): ephemeral_ports; failed 0 -> 13,000 of all". Not escaped for any form.
std::string differences_sentence(const analysis::Differences& differences);

// "workload load", "limit fd_per_process (server/web)", "ladder, step 1".
std::string subject_words(const analysis::FigureChange& change);
// "first at" of "first_at_ns".
std::string figure_words(const analysis::FigureChange& change);
// "28,232", "14.116 s", "28,231 to 28,232"; "-" where it is not there.
std::string value_words(const analysis::FigureChange& change, const std::optional<analysis::FigureValue>& value);
// relative_change() of two numbers, or of two rates; else empty.
std::string change_words(const analysis::FigureChange& change);

}  // namespace netlimits::report
