// One factor for the number, one for the rate, one for the error, one for the moment.
#include "scenarios/diagnosis/weighing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace netlimits::scenarios {
namespace {

// Per mille, where nothing else is said.
constexpr std::uint64_t full_weight = 1000;
constexpr std::uint64_t other_number = 25;    // the limit may be set otherwise than anybody here knows
constexpr std::uint64_t no_number = 60;       // it has no number of its own
constexpr std::uint64_t despite_number = 12;  // it fails from the first connection on
constexpr std::uint64_t any_number = 90;
constexpr std::uint64_t other_error = 20;   // programs mask errors
constexpr std::uint64_t other_message = 8;  // somebody else's words
constexpr std::uint64_t by_alias = 700;
constexpr std::uint64_t heard_by_the_other_end = 220;
constexpr std::uint64_t rounded = 400;  // "about 28,000": many figures would fit
constexpr std::uint64_t rounded_and_less = 250;
constexpr std::uint64_t other_moment = 200;
constexpr std::uint64_t any_moment = 600;
constexpr std::size_t few_values = 6;

struct Factor {
  std::uint64_t weight = full_weight;
  bool fits = false;
  Evidence evidence{};
};

std::uint64_t usual_shortfall(const CountFormula& count, std::uint64_t figure) {
  // Figures reach to 2^63: divide first where a product would not fit.
  const std::uint64_t share = figure > (std::uint64_t{1} << 50U) ? figure / full_weight * count.less_per_mille
                                                                 : figure * count.less_per_mille / full_weight;
  return std::max(count.less, share);
}

// How well `figure` explains that number.
std::uint64_t fit_of(const ToldCount& told, const CountFormula& count, std::uint64_t figure) {
  const std::uint64_t less = usual_shortfall(count, figure);
  const std::uint64_t lowest = figure - std::min(less, figure);
  if (told.told) {
    const std::uint64_t number = *told.told;
    if (number == figure) return full_weight;
    // The nearer the likelier, by halves: an exact hit says most.
    const std::uint64_t half = std::max<std::uint64_t>(5, less / 16);
    if (number < figure && number >= lowest) return full_weight * half / (half + (figure - number));
  }
  if (told.least == told.most) return 0;
  if (told.least <= figure && figure <= told.most) return rounded;
  return told.most >= lowest && told.most < figure ? rounded_and_less : 0;
}

Factor best_fit(const ToldCount& told, const std::vector<CountFormula>& counts, const KnownSystem& system) {
  Factor best{.weight = 0};
  for (const CountFormula& count : counts) {
    const std::vector<KnownSystem::Worth> worths = system.worth_of(count.formula);
    // Where a formula has many values one of them fits any number by chance.
    const std::uint64_t sure = full_weight * few_values / std::max(few_values, worths.size());
    for (const KnownSystem::Worth& worth : worths) {
      const std::uint64_t weight = fit_of(told, count, worth.value) * count.weight / full_weight * sure / full_weight;
      if (weight <= best.weight) continue;
      best.weight = weight;
      best.fits = true;
      best.evidence = {count.why,
                       fmt::format("{} = {}{}", worth.value, count.formula.text(),
                                   worth.how.empty() ? "" : fmt::format(" ({})", worth.how)),
                       worth.value};
    }
  }
  return best;
}

Factor number_factor(const Cause& cause, const Complaint& complaint, const KnownSystem& system) {
  if (!complaint.count) return {};
  Factor best = best_fit(*complaint.count, cause.counts, system);
  std::uint64_t least = cause.counts.empty() ? no_number : other_number;
  if (cause.without_count) least = despite_number;
  if (cause.any_count) least = any_number;
  if (best.weight < least) best = {.weight = least};
  return best;
}

// A rate is seldom exact.
ToldCount roughly(ToldCount rate) {
  rate.least -= rate.least / 8;
  rate.most += rate.most / 8;
  rate.told.reset();
  return rate;
}

Factor rate_factor(const Cause& cause, const Complaint& complaint, const KnownSystem& system) {
  if (!complaint.rate) return {};
  Factor best = best_fit(roughly(*complaint.rate), cause.rates, system);
  if (best.weight == 0) best = {.weight = cause.rates.empty() ? no_number : other_number * 4};
  return best;
}

// The name that a cause's own word for an error stands for on this system.
std::string error_named_by(const std::string& word, const KnownSystem& system) {
  return word.starts_with('@') ? system.error_of(word.substr(1)) : word;
}

Factor error_factor(const Cause& cause, const Complaint& complaint, const KnownSystem& system, const CauseBook& book) {
  if (!complaint.error || !complaint.error->understood()) return {};
  const ToldError& told = *complaint.error;
  if (told.causes.contains(cause.name))
    return {full_weight, true, {fmt::format("\"{}\" is what it is reported as", told.text), {}, {}}};
  Factor best{.weight = other_error};
  const auto better = [&](std::uint64_t weight, std::string says) {
    if (weight > best.weight) best = {weight, true, {std::move(says), {}, {}}};
  };
  for (const std::string& word : cause.errors) {
    const std::string name = error_named_by(word, system);
    if (told.errors.contains(name))
      better(full_weight, fmt::format("{} is what it gives on {}", name, system.profile().name));
    const auto symptom = book.symptoms.find(name);
    if (symptom != book.symptoms.end() && told.symptoms.contains(name))
      better(full_weight * 8 / 10, fmt::format("it shows so: {}", symptom->second.what));
  }
  for (const std::string& alias : cause.aliases) {
    if (told.errors.contains(alias)) better(by_alias, fmt::format("some programs report it as {}", alias));
  }
  if (cause.silent_at_server && told.symptoms.contains("silence"))
    better(heard_by_the_other_end, "where it stops the other end, this one hears nothing");
  // The words belong to somebody else: what they also say of an errno counts for less.
  if (!told.causes.empty()) best.weight = std::max(other_message, best.weight * 15 / 100);
  return best;
}

std::uint64_t moment_factor(const Cause& cause, During during) {
  if (during == During::either || cause.during == during) return full_weight;
  return cause.during == During::either ? any_moment : other_moment;
}

}  // namespace

Weighed weigh(const Cause& cause, const Complaint& complaint, const KnownSystem& system, const CauseBook& book) {
  Weighed weighed{.weight = cause.usual * full_weight};
  for (Factor& factor :
       std::vector<Factor>{number_factor(cause, complaint, system), rate_factor(cause, complaint, system),
                           error_factor(cause, complaint, system, book)}) {
    // In thousandths of thousandths, so that small ones stay apart.
    weighed.weight = weighed.weight * factor.weight / 100;
    weighed.fits = weighed.fits || factor.fits;
    if (factor.fits) weighed.evidence.push_back(std::move(factor.evidence));
  }
  weighed.weight = weighed.weight * moment_factor(cause, complaint.during) / full_weight;
  if (complaint.during != During::either && cause.during == complaint.during)
    weighed.evidence.push_back(
        {cause.during == During::load ? "it shows itself under load" : "it shows itself when nothing is sent", {}, {}});
  return weighed;
}

}  // namespace netlimits::scenarios
