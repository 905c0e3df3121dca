// Figures of the profile, of the kinds of gateways and of the book of causes, and every choice of them.
#include "scenarios/diagnosis/known_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "model/tcp/accept_queue.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {
namespace {

std::uint64_t seconds_of(Duration time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

// How many ports of a list lie in a range.
std::uint64_t ports_within(const std::vector<PortRange>& list, PortRange range) {
  std::uint64_t count = 0;
  for (const PortRange& one : list) {
    const PortRange both{std::max(one.first, range.first), std::min(one.last, range.last)};
    if (both.first <= both.last) count += both.size().value;
  }
  return count;
}

std::map<std::string, std::uint64_t> figures_on(const OsProfile& profile, const Settings& settings) {
  const PortRange range = settings.local_port_range;
  return {{"automatic_ports", range.size().value - ports_within(settings.reserved_ports, range) -
                                  ports_within(profile.never_automatic, range)},
          {"time_wait", seconds_of(settings.time_wait)},
          {"somaxconn", settings.somaxconn},
          {"max_syn_backlog", settings.max_syn_backlog},
          {"max_time_wait_buckets", settings.max_time_wait_buckets},
          {"max_orphans", settings.max_orphans},
          {"file_max", settings.file_max},
          {"nofile_soft", profile.nofile_soft},
          {"nofile_hard", profile.nofile_hard},
          {"own_descriptors", profile.own_descriptors}};
}

}  // namespace

KnownSystem::KnownSystem(const OsProfile& profile, const CauseBook& book, const std::optional<SeenFigures>& seen)
    : profile_(&profile),
      book_(&book),
      range_((seen ? seen->settings : profile.settings).local_port_range),
      own_(figures_on(profile, seen ? seen->settings : profile.settings)) {
  if (seen) {
    if (seen->nofile_soft) own_["nofile_soft"] = *seen->nofile_soft;
    if (seen->nofile_hard) own_["nofile_hard"] = *seen->nofile_hard;
    if (seen->conntrack_max) own_["conntrack_max"] = *seen->conntrack_max;
  }
  for (const auto& [name, kind] : gateway_kinds()) {
    Choice choice{name, {}};
    const std::uint64_t ports = kind.nat.ports.size().value;
    if (kind.nat.block == 0) choice.figures["nat_ports"] = ports;
    if (kind.nat.per_destination != 0) choice.figures["nat_per_destination"] = kind.nat.per_destination;
    if (kind.nat.hold_after_close) choice.figures["nat_hold_after_close"] = seconds_of(*kind.nat.hold_after_close);
    gateways_.push_back(std::move(choice));
  }
  for (const FigureText& figure : figures_of(profile)) errors_[figure.key] = figure.value;
}

std::string KnownSystem::error_of(const std::string& figure) const {
  const auto found = errors_.find(figure);
  return found == errors_.end() ? std::string() : found->second;
}

std::optional<std::uint64_t> KnownSystem::call(const std::string& function, std::uint64_t of) const {
  if (function != "accept_places") return std::nullopt;
  const auto backlog = static_cast<std::uint32_t>(std::min<std::uint64_t>(of, 0x7fffffffU));
  return accept_queue_capacity(profile_->rules.accept_queue, backlog);
}

std::vector<std::vector<KnownSystem::Choice>> KnownSystem::choices_for(const Formula& formula) const {
  std::vector<std::vector<Choice>> axes;
  bool gateway = false;
  for (const std::string& name : formula.names()) {
    if (own_.contains(name)) continue;
    if (name.starts_with("nat_")) {
      gateway = true;
      continue;
    }
    std::vector<Choice> axis;
    const auto known = book_->figures.find(name);
    if (known == book_->figures.end()) return {};
    for (const KnownFigure::Value& value : known->second.values) {
      const std::string of = value.of.empty() ? "" : fmt::format(" ({})", value.of);
      axis.push_back({fmt::format("{} {}{}", name, value.value, of), {{name, value.value}}});
    }
    axes.push_back(std::move(axis));
  }
  if (gateway) axes.push_back(gateways_);
  return axes;
}

std::string KnownSystem::own_words(const Formula& formula) const {
  std::string words;
  for (const std::string& name : formula.names()) {
    const auto own = own_.find(name);
    if (own == own_.end()) continue;
    const std::string value = name == "automatic_ports" ? fmt::format("of {}-{}", range_.first.value, range_.last.value)
                                                        : fmt::format("{}", own->second);
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", name, value);
  }
  return words;
}

std::vector<KnownSystem::Worth> KnownSystem::worth_of(const Formula& formula) const {
  const std::vector<std::vector<Choice>> axes = choices_for(formula);
  std::vector<std::size_t> chosen(axes.size(), 0);
  const std::string fixed = own_words(formula);
  std::vector<Worth> all;
  const auto figure = [&](const std::string& name) -> std::optional<std::uint64_t> {
    if (const auto own = own_.find(name); own != own_.end()) return own->second;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      const auto& figures = axes[axis][chosen[axis]].figures;
      if (const auto found = figures.find(name); found != figures.end()) return found->second;
    }
    return std::nullopt;
  };
  const Formula::Meaning meaning{figure, [&](const std::string& name, std::uint64_t of) { return call(name, of); }};
  while (true) {
    if (const auto value = formula.value(meaning)) {
      std::string how = fixed;
      for (std::size_t axis = 0; axis < axes.size(); ++axis)
        how += fmt::format("{}{}", how.empty() ? "" : ", ", axes[axis][chosen[axis]].of);
      all.push_back({*value, std::move(how)});
    }
    std::size_t axis = 0;
    while (axis < axes.size() && ++chosen[axis] == axes[axis].size()) chosen[axis++] = 0;
    if (axis == axes.size()) return all;
  }
}

}  // namespace netlimits::scenarios
