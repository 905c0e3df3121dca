// Files, scripts, hosts and processes; script_step_loader.cpp reads the steps.
#include "scenarios/script_loader.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "model/net/address.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/script_step_loader.hpp"

namespace netlimits::scenarios {
namespace {

const ObjectKeys file_keys{"script file", {"format", "group", "about", "scripts"}};
const ObjectKeys script_keys{
    "script", {"name", "source", "kernel_min", "hosts", "steps", "slow", "tags", "live", "live_skip", "live_kernel"}};
const ObjectKeys host_keys{"script's host", {"os", "addresses", "sysctl", "devices", "processes"}};
const ObjectKeys process_keys{"script's process", {"nofile", "uid"}};

ScriptProcess load_process(const Field& field) {
  const ObjectReader reader(field, process_keys);
  ScriptProcess process;
  if (const auto nofile = reader.get("nofile")) {
    if (const auto value = nofile->integer(0, largest_integer)) process.nofile = static_cast<std::uint64_t>(*value);
  }
  if (const auto uid = reader.get("uid")) {
    if (const auto value = uid->integer(0, 0xfffffffe)) process.uid = static_cast<std::uint32_t>(*value);
  }
  return process;
}

void load_sysctls(const Field& field, ScriptHost& host) {
  if (field.node().kind != JsonKind::object) {
    field.refuse("an object of sysctl names and values");
    return;
  }
  const std::size_t before = field.errors().size();
  for (const JsonMember& member : field.node().members) {
    const Field value = field.value(member);
    check_sysctl_name(value, member.key, host.os);
    if (const auto text = sysctl_text(value)) host.sysctl[member.key] = *text;
  }
  if (field.errors().size() != before) return;
  const std::string system = setting_system(host.os);
  if (system.empty()) return;
  const auto order = writing_order(Settings{}, system, host.sysctl);
  if (order) return;
  const JsonNode* const wrong = field.node().member(order.error());
  if (wrong == nullptr) return;
  Field(*wrong, pointer_to(field.pointer(), order.error()), field.errors())
      .refuse(std::string(setting_named(system, order.error())->expects));
}

ScriptHost load_host(const Field& field) {
  const ObjectReader reader(field, host_keys);
  ScriptHost host;
  if (const auto os = reader.get("os")) {
    if (const auto text = os->string("an operating-system profile")) host.os = *text;
  }
  if (const auto addresses = reader.get("addresses")) {
    for (const Field& address : addresses->list("a list of addresses").value_or(std::vector<Field>{})) {
      const auto text = address.string("an address with its prefix length, such as \"192.0.2.8/32\"");
      if (!text) continue;
      if (!AddressBlock::parse(*text)) address.refuse("an address with its prefix length, such as \"192.0.2.8/32\"");
      host.addresses.push_back(*text);
    }
  }
  if (const auto sysctl = reader.get("sysctl")) load_sysctls(*sysctl, host);
  if (const auto devices = reader.get("devices")) {
    for (const Field& device : devices->list("a list of device names").value_or(std::vector<Field>{})) {
      const auto text = device.string("a device name");
      if (!text) continue;
      // IFNAMSIZ, with its final zero.
      if (text->empty() || text->size() > 15) device.refuse("a device name of 1 to 15 characters");
      host.devices.push_back(*text);
    }
  }
  if (const auto processes = reader.get("processes")) {
    if (processes->node().kind != JsonKind::object) {
      processes->refuse("an object of processes by name");
    } else {
      for (const JsonMember& member : processes->node().members) {
        host.processes[member.key] = load_process(processes->value(member));
      }
    }
  } else {
    host.processes["p"] = {};
  }
  return host;
}

double seconds_of(const Field& field) {
  const JsonNode& node = field.node();
  if (node.kind == JsonKind::integer && node.integer >= 0) return static_cast<double>(node.integer);
  if (node.kind == JsonKind::number && node.text.front() != '-') {
    double seconds = 0;
    std::istringstream text(node.text);  // not every standard library has from_chars() of fractions
    if (text >> seconds) return seconds;
  }
  field.refuse("a number of seconds");
  return 0;
}

std::string text_at(const ObjectReader& reader, std::string_view key) {
  const auto field = reader.get(key);
  return field ? field->string().value_or("") : "";
}

Script load_script(const Field& field) {
  const ObjectReader reader(field, script_keys);
  Script script;
  if (const auto name = reader.need("name", "unique over all files")) {
    script.name = name->string("a name").value_or("");
    if (name->node().kind == JsonKind::string && script.name.empty()) name->refuse("a name");
  }
  script.source = text_at(reader, "source");
  script.kernel_min = text_at(reader, "kernel_min");
  script.live = text_at(reader, "live");
  script.live_skip = text_at(reader, "live_skip");
  script.live_kernel = text_at(reader, "live_kernel");
  if (const auto slow = reader.get("slow")) script.slow_seconds = seconds_of(*slow);
  if (const auto tags = reader.get("tags")) {
    for (const Field& tag : tags->list("a list of tags").value_or(std::vector<Field>{})) {
      script.tags.push_back(tag.string("a tag").value_or(""));
    }
  }
  if (const auto hosts = reader.need("hosts", "an object of hosts by name")) {
    if (hosts->node().kind != JsonKind::object || hosts->node().members.empty()) {
      hosts->refuse("an object of hosts by name");
    } else {
      for (const JsonMember& member : hosts->node().members) {
        script.hosts[member.key] = load_host(hosts->value(member));
      }
    }
  }
  if (const auto steps = reader.need("steps", "a list of calls")) {
    script.steps = load_steps(*steps, script);
  }
  return script;
}

}  // namespace

Loaded<std::vector<ReadScript>> load_each_script(std::string_view text, std::string name) {
  const auto document = parse_json(text, std::move(name));
  if (!document) return tl::unexpected(document.error());
  ErrorList errors(*document);
  const ObjectReader reader(Field(document->root, {}, errors), file_keys);
  if (const auto format = reader.need("format", "1")) format->integer(1, 1, "the only version there is");
  text_at(reader, "group");
  text_at(reader, "about");
  std::vector<ReadScript> scripts;
  if (const auto list = reader.need("scripts", "a list of scripts")) {
    std::set<std::string> names;
    for (const Field& field : list->list("a list of scripts").value_or(std::vector<Field>{})) {
      ErrorList wrong(*document);
      const Field own(field.node(), field.pointer(), wrong);
      Script script = load_script(own);
      if (!names.insert(script.name).second && !script.name.empty())
        own.complain(fmt::format("a second script named {}", in_quotes(script.name)), "names are unique");
      ReadScript& read = scripts.emplace_back();
      read.name = script.name.empty() ? field.pointer() : script.name;
      if (wrong.empty()) {
        read.script = std::move(script);
      } else {
        read.errors = wrong.take();
      }
    }
  }
  if (!errors.empty()) return tl::unexpected(errors.take());
  return scripts;
}

Loaded<std::vector<Script>> load_scripts(std::string_view text, std::string name) {
  auto each = load_each_script(text, std::move(name));
  if (!each) return tl::unexpected(each.error());
  std::vector<Script> scripts;
  InputErrors errors;
  for (ReadScript& read : *each) {
    errors.insert(errors.end(), read.errors.begin(), read.errors.end());
    scripts.push_back(std::move(read.script));
  }
  if (!errors.empty()) return tl::unexpected(errors);
  return scripts;
}

}  // namespace netlimits::scenarios
