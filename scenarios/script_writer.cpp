// Scripts, hosts and steps as JSON, in the forms that the loader reads.
#include "scenarios/script_writer.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "scenarios/json/plain_text.hpp"

namespace netlimits::scenarios {
namespace {

using Json = nlohmann::ordered_json;

// Seconds with as many decimals as they need: 3, 0.5, 0.003.
Json seconds_of(Duration time) {
  constexpr std::int64_t second = 1'000'000'000;
  if (time.count() % second == 0) return time.count() / second;
  return static_cast<double>(time.count()) / static_cast<double>(second);
}

Json one_or_list(const std::vector<std::string>& names) {
  return names.size() == 1 ? Json(names.front()) : Json(names);
}

// A port is a number unless it is a template or an expectation in words.
Json port_of(const std::string& text) {
  if (text.find_first_not_of("0123456789") != std::string::npos || text.empty() || text.size() > 5) return text;
  return std::stoi(text);
}

Json step_json(const Step& step) {
  Json made{{"call", name_of(step.call)}};
  const auto text = [&made](const char* key, const std::string& value) {
    if (!value.empty()) made[key] = value;
  };
  text("as", step.as);
  text("socket", step.socket);
  text("process", step.process);
  text("sockets", step.sockets);
  if (step.call == Call::socket) {
    made["domain"] = step.domain;
    made["type"] = step.type;
    if (step.nonblocking) made["nonblocking"] = true;
  }
  text("option", step.option);
  if (step.has_value) {
    if (!step.text_value.empty() || step.value.empty()) {
      made["value"] = step.text_value;
    } else {
      made["value"] = step.value.size() == 1 ? Json(step.value.front()) : Json(step.value);
    }
  }
  if (step.length) made["length"] = *step.length;
  text("address", step.address);
  if (step.has_port) made["port"] = port_of(step.port);
  if (step.call == Call::listen) made["backlog"] = step.backlog;
  if (step.timeout) made["timeout"] = seconds_of(*step.timeout);
  text("event", step.event);
  if (!step.save.empty()) made["save"] = step.save;
  if (step.bytes) made["bytes"] = *step.bytes;
  text("how", step.how);
  if (step.has_count) made["count"] = step.count;
  if (step.opened) made["opened"] = *step.opened;
  if (step.call == Call::sleep) made["seconds"] = seconds_of(step.sleep);
  text("host", step.host);
  text("name", step.sysctl_name);
  if (step.call == Call::sysctl) made["value"] = step.sysctl_value;
  if (step.distinct) made["distinct"] = *step.distinct;
  if (step.succeeds) {
    const auto& [least, most] = *step.succeeds;
    made["succeeds"] = least == most ? Json(least) : Json{least, most};
  }
  if (!step.stops_with.empty()) made["stops_with"] = one_or_list(step.stops_with);
  if (!step.body.empty()) {
    for (const Step& inner : step.body) made["body"].push_back(step_json(inner));
  }
  if (!step.returns.empty()) made["returns"] = one_or_list(step.returns);
  return made;
}

Json host_json(const ScriptHost& host) {
  Json made{{"os", host.os}, {"addresses", host.addresses}};
  if (!host.sysctl.empty()) made["sysctl"] = host.sysctl;
  if (!host.devices.empty()) made["devices"] = host.devices;
  for (const auto& [name, process] : host.processes) {
    made["processes"][name] = {{"nofile", process.nofile}};
    if (process.uid != 0) made["processes"][name]["uid"] = process.uid;
  }
  return made;
}

Json script_json(const Script& script) {
  Json made{{"name", script.name}};
  const auto text = [&made](const char* key, const std::string& value) {
    if (!value.empty()) made[key] = value;
  };
  text("source", script.source);
  text("kernel_min", script.kernel_min);
  for (const auto& [name, host] : script.hosts) made["hosts"][name] = host_json(host);
  if (script.slow_seconds > 0) made["slow"] = script.slow_seconds;
  if (!script.tags.empty()) made["tags"] = script.tags;
  text("live", script.live);
  text("live_skip", script.live_skip);
  text("live_kernel", script.live_kernel);
  made["steps"] = Json::array();
  for (const Step& step : script.steps) made["steps"].push_back(step_json(step));
  return made;
}

}  // namespace

std::string script_file(const std::string& group, const std::string& about, std::span<const Script> scripts) {
  Json file{{"format", 1}, {"group", group}, {"about", about}, {"scripts", Json::array()}};
  for (const Script& script : scripts) file["scripts"].push_back(script_json(script));
  return escaped_json(file.dump(1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace netlimits::scenarios
