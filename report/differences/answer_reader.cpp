// One function for each part of a result, beside those that write it (report/run_json.cpp, report/capacity_report.cpp).
#include "report/differences/answer_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/net/bounded_time.hpp"
#include "model/scenario/json_pointer.hpp"
#include "report/forms/number_text.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::report {
namespace {

using analysis::Answer;
using analysis::AnsweredLimit;
using analysis::FigureValue;
using analysis::Interval;
using analysis::Subject;
using scenarios::Field;
using scenarios::JsonKind;
using scenarios::JsonMember;
using scenarios::JsonNode;

using KeyList = std::initializer_list<std::string_view>;

std::string limit_text(const std::string& limit, const std::string& place) {
  return fmt::format("{} ({})", limit, place);
}

std::optional<std::uint64_t> count_in(const JsonNode* node) {
  if (node == nullptr || node->kind != JsonKind::integer || node->integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(node->integer);
}

class AnswerReader {
 public:
  explicit AnswerReader(const scenarios::JsonDocument& document)
      : errors_(document), root_(document.root, {}, errors_) {}

  scenarios::Loaded<Answer> read() {
    const auto format = need(root_, "format", JsonKind::string, "the format of a result");
    if (format) {
      basis();
      if (format->node().text == "netlimits.run/1") {
        run();
      } else if (format->node().text == "netlimits.capacity/1") {
        capacity();
      } else {
        format->refuse(R"("netlimits.run/1" or "netlimits.capacity/1")",
                       "other results have no figures to compare; a scenario has no \"format\"");
      }
    }
    if (!errors_.empty()) return tl::unexpected(errors_.take());
    return std::move(answer_);
  }

 private:
  std::optional<Field> get(const Field& object, std::string_view key) {
    const JsonNode* node = object.node().kind == JsonKind::object ? object.node().member(key) : nullptr;
    if (node == nullptr) return std::nullopt;
    return Field(*node, pointer_to(object.pointer(), key), errors_);
  }

  std::optional<Field> need(const Field& object, std::string_view key, JsonKind kind, const std::string& expected) {
    auto field = get(object, key);
    if (!field) {
      errors_.add(object.node().at, object.pointer(), fmt::format("a key \"{}\" ({})", key, expected), "found none",
                  "a result that `run` or `capacity` printed with --format json has it");
      return std::nullopt;
    }
    if (field->node().kind == kind) return field;
    field->refuse(expected);
    return std::nullopt;
  }

  std::string text_at(const Field& object, std::string_view key, const std::string& expected) {
    const auto field = need(object, key, JsonKind::string, expected);
    return field ? field->node().text : std::string();
  }

  std::vector<Field> list_at(const Field& object, std::string_view key, const std::string& expected) {
    const auto field = need(object, key, JsonKind::array, expected);
    return field ? field->list().value_or(std::vector<Field>{}) : std::vector<Field>{};
  }

  std::optional<AnsweredLimit> limit_at(const Field& object) {
    if (object.node().kind != JsonKind::object) {
      object.refuse("an object with a limit and its place");
      return std::nullopt;
    }
    return AnsweredLimit{text_at(object, "limit", "the name of a limit"), text_at(object, "place", "a place")};
  }

  // {"min": 1, "max": 2}, or a limit and its place.
  std::optional<FigureValue> value_of_object(const Field& field) {
    const auto min = count_in(field.node().member("min"));
    const auto max = count_in(field.node().member("max"));
    if (min && max && *min <= *max && field.node().members.size() == 2) return Interval{*min, *max};
    const JsonNode* limit = field.node().member("limit");
    const JsonNode* place = field.node().member("place");
    if (limit == nullptr || place == nullptr || limit->kind != JsonKind::string || place->kind != JsonKind::string)
      return std::nullopt;
    return limit_text(limit->text, place->text);
  }

  std::optional<FigureValue> value_of(const Field& field) {
    const JsonNode& node = field.node();
    switch (node.kind) {
      case JsonKind::null:
        return FigureValue{};
      case JsonKind::boolean:
        return node.boolean;
      case JsonKind::integer:
        if (const auto count = count_in(&node)) return Interval::exactly(*count);
        return fmt::format("{}", node.integer);
      case JsonKind::number:
      case JsonKind::string:
        return node.text;
      case JsonKind::array: {
        std::string text;
        for (const JsonNode& item : node.items) {
          if (item.kind != JsonKind::string && item.kind != JsonKind::integer) return std::nullopt;
          text += fmt::format("{}{}", text.empty() ? "" : ", ",
                              item.kind == JsonKind::string ? item.text : fmt::format("{}", item.integer));
        }
        return text;
      }
      case JsonKind::object:
        return value_of_object(field);
    }
    return std::nullopt;
  }

  void figure(Subject subject, const std::string& of, std::string name, FigureValue value) {
    // Only what no program wrote has a key that is named like a figure of another part.
    while (!figures_.emplace(subject, of, name).second) name += ", again";
    answer_.figures.push_back({subject, of, std::move(name), std::move(value)});
  }

  void figure(Subject subject, const std::string& of, std::string name, const Field& field) {
    if (auto value = value_of(field)) {
      figure(subject, of, std::move(name), std::move(*value));
    } else {
      field.refuse("a figure: a number, a text, true, false, null, or {\"min\", \"max\"}",
                   "what this version does not know it cannot compare");
    }
  }

  // All members but those that say of what they are, and those that are read apart.
  void figures(Subject subject, const std::string& of, const Field& object, KeyList but) {
    if (object.node().kind != JsonKind::object) {
      object.refuse("an object of figures");
      return;
    }
    for (const JsonMember& member : object.node().members) {
      if (std::find(but.begin(), but.end(), member.key) == but.end())
        figure(subject, of, member.key, object.value(member));
    }
  }

  // A second thing of the same name is another one.
  std::string one_of(Subject subject, const std::string& of) {
    const std::uint64_t number = ++named_[{subject, of}];
    return number == 1 ? of : fmt::format("{}, number {}", of, number);
  }

  template <class Each>
  void members_of(const Field& object, std::string_view key, const std::string& expected, Each&& each) {
    const auto field = need(object, key, JsonKind::object, expected);
    if (!field) return;
    for (const JsonMember& member : field->node().members) {
      const Field value = field->value(member);
      if (value.node().kind == JsonKind::object)
        each(member.key, value);
      else
        value.refuse("an object of figures");
    }
  }

  void basis() {
    answer_.version = text_at(root_, "version", "the version of the program");
    if (const auto seed = need(root_, "seed", JsonKind::integer, "the seed"))
      answer_.seed = static_cast<std::uint64_t>(seed->integer(0, scenarios::largest_integer).value_or(0));
    if (const auto scenario = need(root_, "scenario", JsonKind::object, "the scenario of the result")) {
      answer_.scenario = text_at(*scenario, "name", "its name");
      answer_.basis.sha256 = text_at(*scenario, "sha256", "the hash of its file");
      answer_.basis.effective_sha256 = text_at(*scenario, "effective_sha256", "the hash of what it says");
      for (const Field& item : list_at(*scenario, "overrides", "a list of overrides"))
        answer_.basis.overrides.push_back(item.string().value_or(""));
    }
    for (const Field& item : list_at(root_, "profiles", "a list of profiles")) {
      if (item.node().kind != JsonKind::object) {
        item.refuse("an object (profile)");
        continue;
      }
      const auto kernel = get(item, "kernel");
      answer_.basis.profiles.push_back(
          {text_at(item, "name", "the name of a profile"),
           kernel && kernel->node().kind == JsonKind::string ? kernel->node().text : std::string(),
           text_at(item, "sha256", "the hash of a profile")});
    }
  }

  // What is left of the result itself.
  void whole(const std::string& engine, KeyList but) {
    constexpr std::array<std::string_view, 6> rests_on{"format", "version", "seed", "scenario", "profiles", "summary"};
    for (const JsonMember& member : root_.node().members) {
      if (std::find(rests_on.begin(), rests_on.end(), member.key) == rests_on.end() &&
          std::find(but.begin(), but.end(), member.key) == but.end())
        figure(Subject::whole, engine, member.key, root_.value(member));
    }
  }

  std::uint64_t count_at(const Field& object, std::string_view key) {
    const auto field = need(object, key, JsonKind::integer, "a count");
    if (!field) return 0;
    return static_cast<std::uint64_t>(field->integer(0, scenarios::largest_integer).value_or(0));
  }

  void workload(const std::string& name, const Field& field) {
    answer_.failed = bounded_sum(answer_.failed, count_at(field, "failed"));
    answer_.lost = bounded_sum(answer_.lost, count_at(field, "lost"));
    figures(Subject::workload, name, field, {"failures", "windows"});
    for (const Field& failure : list_at(field, "failures", "a list of failures")) {
      const auto limit = limit_at(failure);
      if (!limit) continue;
      const std::string of = fmt::format("{}: {}, {}", name, limit_text(limit->limit, limit->place),
                                         text_at(failure, "error", "the name of an error"));
      figures(Subject::failure, one_of(Subject::failure, of), failure, {"limit", "place", "place_parts", "error"});
    }
    const auto windows = get(field, "windows");
    if (!windows) return;
    for (const Field& window : windows->list("a list of windows").value_or(std::vector<Field>{})) {
      const auto from = Duration(static_cast<std::int64_t>(count_at(window, "from_ns")));
      figures(Subject::window, one_of(Subject::window, fmt::format("{} from {}", name, seconds_text(from))), window,
              {"from_ns"});
    }
  }

  void run() {
    answer_.by = {analysis::Engine::run};
    answer_.held = Interval::exactly(count_at(root_, "held_peak"));
    figure(Subject::expectation, {}, "verdict", text_at(root_, "verdict", "the verdict on all claims"));
    figure(Subject::summary, "run", "summary", text_at(root_, "summary", "the verdict sentence"));
    for (const Field& claim : list_at(root_, "expectations", "a list of claims")) {
      const std::string name = one_of(Subject::expectation, text_at(claim, "name", "the name of a claim"));
      figures(Subject::expectation, name, claim, {"name", "why"});
    }
    const auto binding = get(root_, "binding_limit");
    if (!binding) need(root_, "binding_limit", JsonKind::object, "the limit of the first failure, or null");
    if (binding && binding->node().kind != JsonKind::null) answer_.binds = limit_at(*binding);
    if (binding)
      figure(Subject::whole, "run", "binding_limit",
             answer_.binds ? FigureValue(limit_text(answer_.binds->limit, answer_.binds->place)) : FigureValue{});
    whole("run", {"held_peak", "verdict", "expectations", "binding_limit", "workloads", "hosts", "balancers", "proxies",
                  "limits"});
    figure(Subject::whole, "run", "held_peak", answer_.held);
    members_of(root_, "workloads", "an object of workloads",
               [&](const std::string& name, const Field& field) { workload(name, field); });
    if (get(root_, "proxies"))
      members_of(root_, "proxies", "an object of proxies",
                 [&](const std::string& name, const Field& field) { workload(name, field); });
    for (const Field& use : list_at(root_, "limits", "a list of limits")) {
      if (const auto limit = limit_at(use))
        figures(Subject::limit, one_of(Subject::limit, limit_text(limit->limit, limit->place)), use,
                {"limit", "place", "place_parts"});
    }
    members_of(root_, "hosts", "an object of hosts", [&](const std::string& host, const Field& field) {
      figures(Subject::host, host, field, {"processes"});
      members_of(field, "processes", "an object of processes", [&](const std::string& process, const Field& counts) {
        figures(Subject::process, fmt::format("{}/{}", host, process), counts, {});
      });
    });
    const auto balancers = need(root_, "balancers", JsonKind::object, "an object of balancers");
    if (!balancers) return;
    for (const JsonMember& member : balancers->node().members) {
      for (const Field& back_end : balancers->value(member).list("a list of back ends").value_or(std::vector<Field>{}))
        figures(Subject::balancer,
                one_of(Subject::balancer,
                       fmt::format("{} -> {}", member.key, text_at(back_end, "endpoint", "an endpoint"))),
                back_end, {"endpoint"});
    }
  }

  // "fd_per_process (server/web), ..." of a thing; each of them with its capacity as a thing of its own.
  std::vector<AnsweredLimit> bindings(Subject subject, const std::string& of, const Field& object) {
    std::vector<AnsweredLimit> found;
    std::vector<Field> fields;
    std::vector<std::string> names;
    for (const Field& item : list_at(object, "binding", "a list of limits")) {
      auto limit = limit_at(item);
      if (!limit) continue;
      names.push_back(limit_text(limit->limit, limit->place));
      fields.push_back(item);
      found.push_back(std::move(*limit));
    }
    figure(subject, of, "binding", fmt::format("{}", fmt::join(names, ", ")));
    for (std::size_t i = 0; i < fields.size(); ++i)
      figures(subject, one_of(subject, fmt::format("{}, {}", of, names[i])), fields[i],
              {"limit", "place", "place_parts"});
    return found;
  }

  void capacity() {
    answer_.by = {analysis::Engine::capacity};
    if (const auto held = get(root_, "capacity")) {
      const auto value = value_of(*held);
      const auto* interval = value ? std::get_if<Interval>(&*value) : nullptr;
      if (interval == nullptr)
        held->refuse("a number of connections, or {\"min\", \"max\"}");
      else
        answer_.held = *interval;
    } else {
      need(root_, "capacity", JsonKind::integer, "how many are held");
    }
    figure(Subject::summary, "capacity", "summary", text_at(root_, "summary", "the verdict sentence"));
    if (const auto claims = get(root_, "claims")) {
      for (const Field& claim : claims->list("a list of claims").value_or(std::vector<Field>{})) {
        const std::string name = one_of(Subject::expectation, text_at(claim, "name", "the name of a claim"));
        figures(Subject::expectation, name, claim, {"name"});
      }
    }
    whole("capacity", {"claims", "binding", "ladder", "steady_state", "without_back_end", "notes"});
    const auto binding = bindings(Subject::binding, "capacity", root_);
    if (!binding.empty()) answer_.binds = binding.front();
    std::size_t number = 0;
    for (const Field& rung : list_at(root_, "ladder", "a list of steps")) {
      const std::string of = fmt::format("{}", ++number);
      figures(Subject::rung, of, rung, {"binding"});
      bindings(Subject::rung, of, rung);
    }
    for (const Field& steady : list_at(root_, "steady_state", "a list of workloads")) {
      const auto limit = get(steady, "limit");
      const std::string at =
          limit_text(limit ? limit->string().value_or("") : "ephemeral_ports", text_at(steady, "place", "a place"));
      const std::string of = fmt::format("{}: {}", text_at(steady, "workload", "the name of a workload"), at);
      figures(Subject::sustained, one_of(Subject::sustained, of), steady,
              {"workload", "limit", "place", "place_parts"});
    }
    for (const Field& without : list_at(root_, "without_back_end", "a list of back ends")) {
      const std::string of =
          one_of(Subject::without_back_end, fmt::format("{} without {}", text_at(without, "balancer", "a balancer"),
                                                        text_at(without, "back_end", "a back end")));
      figures(Subject::without_back_end, of, without, {"balancer", "back_end", "binding"});
      bindings(Subject::without_back_end, of, without);
    }
    for (const Field& note : list_at(root_, "notes", "a list of sentences"))
      figure(Subject::note, one_of(Subject::note, note.string().value_or("")), "noted", true);
  }

  scenarios::ErrorList errors_;
  Field root_;
  Answer answer_{};
  std::map<std::pair<Subject, std::string>, std::uint64_t> named_{};
  std::set<std::tuple<Subject, std::string, std::string>> figures_{};
};

}  // namespace

bool is_result(const scenarios::JsonDocument& document) {
  return document.root.kind == JsonKind::object && document.root.member("format") != nullptr;
}

scenarios::Loaded<Answer> read_answer(const scenarios::JsonDocument& document) { return AnswerReader(document).read(); }

}  // namespace netlimits::report
