// FigureTable are found by name in the other answer; what only one of them has is told by its subject.
#include "analysis/differences/differences.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace netlimits::analysis {
namespace {

using FigureItem = std::tuple<Subject, std::string_view>;
using FigureKey = std::tuple<Subject, std::string_view, std::string_view>;

FigureKey figure_key_of(const AnsweredFigure& figure) { return {figure.subject, figure.of, figure.name}; }
FigureItem figure_item_of(const AnsweredFigure& figure) { return {figure.subject, figure.of}; }

bool is_nothing(const FigureValue& value) {
  if (std::holds_alternative<bool>(value)) return false;
  if (const auto* number = std::get_if<Interval>(&value)) return *number == Interval{};
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr || text->empty();
}

class FigureTable {
 public:
  explicit FigureTable(const Answer& answer) {
    for (const AnsweredFigure& figure : answer.figures) {
      by_key_.emplace(figure_key_of(figure), &figure);
      items_.insert(figure_item_of(figure));
      if (!is_nothing(figure.value)) says_something_.insert(figure_item_of(figure));
    }
  }
  const AnsweredFigure* find(const FigureKey& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : found->second;
  }
  bool has(const FigureItem& item) const { return items_.contains(item); }
  bool says_something(const FigureItem& item) const { return says_something_.contains(item); }

 private:
  std::map<FigureKey, const AnsweredFigure*> by_key_;
  std::set<FigureItem> items_;
  std::set<FigureItem> says_something_;
};

class FigureComparison {
 public:
  FigureComparison(const Answer& before, const Answer& after) : before_(before), after_(after) {
    std::set<FigureKey> seen;
    for (const AnsweredFigure& figure : before.figures) {
      seen.insert(figure_key_of(figure));
      add(figure, &figure, after_.find(figure_key_of(figure)));
    }
    for (const AnsweredFigure& figure : after.figures) {
      if (!seen.contains(figure_key_of(figure))) add(figure, nullptr, &figure);
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](const FigureChange& a, const FigureChange& b) { return a.subject < b.subject; });
    gather_items();
  }
  std::vector<FigureChange> take() { return std::move(found_); }

 private:
  void add(const AnsweredFigure& named, const AnsweredFigure* before, const AnsweredFigure* after) {
    if (before != nullptr && after != nullptr && before->value == after->value) return;
    const FigureItem item = figure_item_of(named);
    const FigureTable& whose = before != nullptr ? before_ : after_;
    const bool of_one_alone = !before_.has(item) || !after_.has(item);
    if (of_one_alone && is_nothing(named.value) && whose.says_something(item)) return;
    found_.push_back({named.subject, named.of, named.name,
                      before != nullptr ? std::optional(before->value) : std::nullopt,
                      after != nullptr ? std::optional(after->value) : std::nullopt});
  }

  // What the later answer alone says of a thing stands with what both say of it.
  void gather_items() {
    std::map<FigureItem, std::size_t> first;
    for (std::size_t i = 0; i < found_.size(); ++i) first.try_emplace({found_[i].subject, found_[i].of}, i);
    std::vector<std::pair<std::size_t, FigureChange>> ordered;
    ordered.reserve(found_.size());
    for (FigureChange& change : found_) {
      const std::size_t at = first.at({change.subject, change.of});
      ordered.emplace_back(at, change);
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < found_.size(); ++i) found_[i] = std::move(ordered[i].second);
  }

  FigureTable before_;
  FigureTable after_;
  std::vector<FigureChange> found_{};
};

std::string in_json(std::string_view text) { return '"' + std::string(text) + '"'; }

void note_change(std::vector<InputChange>& changes, std::string what, const std::optional<std::string>& before,
                 const std::optional<std::string>& after) {
  if (before != after) changes.push_back({std::move(what), before, after});
}

std::map<std::string, std::string> hashes_of(const Basis& basis) {
  std::map<std::string, std::string> hashes;
  for (const ProfileUsed& profile : basis.profiles) hashes[profile.name] = in_json(profile.sha256);
  return hashes;
}

// Hashes and numbers need no escape in JSON.
std::vector<InputChange> told_by(const Answer& before, const Answer& after) {
  std::vector<InputChange> changes;
  note_change(changes, "scenario in effect", in_json(before.basis.effective_sha256),
              in_json(after.basis.effective_sha256));
  note_change(changes, "seed", std::to_string(before.seed), std::to_string(after.seed));
  const auto earlier = hashes_of(before.basis);
  const auto later = hashes_of(after.basis);
  std::set<std::string> names;
  for (const auto* hashes : {&earlier, &later}) {
    for (const auto& [name, hash] : *hashes) names.insert(name);
  }
  const auto hash_in = [](const std::map<std::string, std::string>& hashes, const std::string& name) {
    const auto found = hashes.find(name);
    return found == hashes.end() ? std::nullopt : std::optional(found->second);
  };
  for (const std::string& name : names)
    note_change(changes, "profile " + name, hash_in(earlier, name), hash_in(later, name));
  return changes;
}

}  // namespace

Answer together(Answer capacity, Answer run) {
  Answer both = std::move(run);
  both.by.insert(both.by.begin(), capacity.by.begin(), capacity.by.end());
  both.figures.insert(both.figures.begin(), std::make_move_iterator(capacity.figures.begin()),
                      std::make_move_iterator(capacity.figures.end()));
  return both;
}

Differences differences(Answer before, Answer after, std::optional<std::vector<InputChange>> input) {
  Differences found;
  found.figures = FigureComparison(before, after).take();
  found.input = input ? std::move(*input) : told_by(before, after);
  found.before = std::move(before);
  found.after = std::move(after);
  return found;
}

}  // namespace netlimits::analysis
