// What `explain` prints.
#pragma once

#include <span>
#include <string>

#include "report/forms/text_style.hpp"
#include "scenarios/knowledge/explanation.hpp"

namespace netlimits::report {

// Everything that can be asked for, a line each under its kind.
std::string explainable_text(std::span<const scenarios::Known> all, const TextStyle& style);
std::string explainable_markdown(std::span<const scenarios::Known> all);
// The format netlimits.explain/1 without figures of profiles.
std::string explainable_json(std::span<const scenarios::Known> all);

// One after another: what it is first, then its value in each profile, what shows and what changes it, and what people
// believe. A name that several things share has several.
std::string explanations_text(std::span<const scenarios::Explanation> explanations, const TextStyle& style);
std::string explanations_markdown(std::span<const scenarios::Explanation> explanations);
// The format netlimits.explain/1.
std::string explanations_json(std::span<const scenarios::Explanation> explanations);

}  // namespace netlimits::report
