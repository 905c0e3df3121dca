// Values are written with their kinds and lengths, so that no two documents have the same bytes; then they are hashed.
#include "scenarios/whole/scenario_basis.hpp"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <utility>

#include "model/systems/kernel_version.hpp"
#include "model/systems/rule_book.hpp"
#include "scenarios/gateways/gateway_kinds.hpp"
#include "scenarios/json/sha256.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {
namespace {

void append_text(std::string& to, std::string_view words) {
  fmt::format_to(std::back_inserter(to), "{}:", words.size());
  to += words;
}

// The order of an object's members counts: that of a host's processes is the order in which they start.
void append_value(std::string& to, const JsonNode& node) {
  switch (node.kind) {
    case JsonKind::null:
      to += 'n';
      break;
    case JsonKind::boolean:
      to += node.boolean ? 't' : 'f';
      break;
    case JsonKind::integer:
      fmt::format_to(std::back_inserter(to), "i{};", node.integer);
      break;
    case JsonKind::number:
      to += 'd';
      append_text(to, node.text);
      break;
    case JsonKind::string:
      to += 's';
      append_text(to, node.text);
      break;
    case JsonKind::array:
      fmt::format_to(std::back_inserter(to), "a{};", node.items.size());
      for (const JsonNode& item : node.items) append_value(to, item);
      break;
    case JsonKind::object:
      fmt::format_to(std::back_inserter(to), "o{};", node.members.size());
      for (const JsonMember& member : node.members) {
        append_text(to, member.key);
        append_value(to, member.value);
      }
      break;
  }
}

std::string kernel_text(const OsProfile& profile) {
  return profile.kernel ? fmt::format("{}.{}", profile.kernel->major, profile.kernel->minor) : std::string();
}

}  // namespace

std::string content_sha256(const OsProfile& profile) {
  std::string content;
  for (const std::string_view words :
       {std::string_view(profile.name), std::string_view(profile.title), std::string_view(profile.system)})
    append_text(content, words);
  append_text(content, kernel_text(profile));
  for (const FigureText& figure : figures_of(profile)) {
    for (const std::string_view words :
         {std::string_view(figure.key), std::string_view(figure.value), std::string_view(figure.provenance.source),
          std::string_view(figure.provenance.confidence), std::string_view(figure.provenance.note)})
      append_text(content, words);
  }
  for (const RuleFacts& row : rule_book()) {
    if (profile.rules.has(row.rule)) append_text(content, row.name);
  }
  for (const std::string& absent : profile.settings_absent) append_text(content, absent);
  return sha256(content);
}

Basis basis_of(std::string_view text, const JsonDocument& document, std::vector<std::string> overrides,
               const Scenario& scenario) {
  Basis basis;
  basis.sha256 = sha256(text);
  basis.overrides = std::move(overrides);
  std::map<std::string, const OsProfile*> used;
  for (const auto& [name, host] : scenario.hosts) used[host.profile->name] = host.profile.get();
  std::string content;
  append_value(content, document.root);
  for (const auto& [name, profile] : used) {
    basis.profiles.push_back({name, kernel_text(*profile), content_sha256(*profile)});
    append_text(content, basis.profiles.back().sha256);
  }
  std::map<std::string, std::string> kinds;
  for (const auto& [name, gateway] : scenario.gateways)
    kinds.emplace(gateway.kind, gateway_kinds().at(gateway.kind).sha256);
  for (const auto& [name, content_of_kind] : kinds) {
    basis.profiles.push_back({name, {}, content_of_kind});
    append_text(content, content_of_kind);
  }
  basis.effective_sha256 = sha256(content);
  return basis;
}

}  // namespace netlimits::scenarios
