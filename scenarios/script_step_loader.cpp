// The table of calls and the fields that each has; StepLoader reads a step by that table.
#include "scenarios/script_step_loader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "model/net/address.hpp"
#include "model/script/script_expectation.hpp"
#include "model/script/script_option.hpp"
#include "model/systems/error.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::int64_t most_repeats = 1'000'000;

struct CallForm {
  std::string_view name;
  Call call;
  std::vector<std::string_view> needs;
  std::vector<std::string_view> may_have;
};

const std::vector<CallForm>& call_forms() {
  static const std::vector<CallForm> forms{
      {"socket", Call::socket, {"as"}, {"process", "domain", "type", "nonblocking"}},
      {"setsockopt", Call::setsockopt, {"socket", "option", "value"}, {"length"}},
      {"getsockopt", Call::getsockopt, {"socket", "option"}, {"value"}},
      {"bind", Call::bind, {"socket", "address", "port"}, {}},
      {"listen", Call::listen, {"socket"}, {"backlog"}},
      {"connect", Call::connect, {"socket", "address", "port"}, {"timeout"}},
      {"disconnect", Call::disconnect, {"socket"}, {}},
      {"await", Call::await, {"socket", "event"}, {"timeout"}},
      {"accept", Call::accept, {"socket"}, {"as", "timeout"}},
      {"getsockname", Call::getsockname, {"socket"}, {"address", "port", "save"}},
      {"getpeername", Call::getpeername, {"socket"}, {"address", "port", "save"}},
      {"send", Call::send, {"socket"}, {"bytes", "address", "port", "timeout"}},
      {"recv", Call::recv, {"socket"}, {"bytes", "timeout"}},
      {"shutdown", Call::shutdown, {"socket", "how"}, {}},
      {"close", Call::close, {"socket"}, {}},
      {"open_files", Call::open_files, {"count"}, {"process", "opened"}},
      {"exit", Call::exit, {}, {"process"}},
      {"sleep", Call::sleep, {"seconds"}, {}},
      {"sysctl", Call::sysctl, {"name", "value"}, {"host"}},
      {"repeat", Call::repeat, {"count", "body"}, {"succeeds", "stops_with"}},
      {"ports", Call::ports, {"sockets"}, {"count", "distinct", "port"}},
  };
  return forms;
}

// One reader for each call, made once: the readers keep a reference to their keys.
const std::vector<ObjectKeys>& call_keys() {
  static const std::vector<ObjectKeys> keys = [] {
    std::vector<ObjectKeys> made;
    for (const CallForm& form : call_forms()) {
      ObjectKeys one{form.name, {"call", "returns"}};
      one.keys.insert(one.keys.end(), form.needs.begin(), form.needs.end());
      one.keys.insert(one.keys.end(), form.may_have.begin(), form.may_have.end());
      made.push_back(std::move(one));
    }
    return made;
  }();
  return keys;
}

bool is_template(std::string_view text) { return text.find('{') != std::string_view::npos; }

// The names that a template can turn into, as a pattern for name_fits().
std::string pattern_of(std::string_view text) {
  std::string pattern;
  bool within = false;
  for (const char c : text) {
    if (c == '{') {
      within = true;
      pattern += '*';
    } else if (c == '}') {
      within = false;
    } else if (!within) {
      pattern += c;
    }
  }
  return pattern;
}

class StepLoader {
 public:
  explicit StepLoader(const Script& script) : script_(script) {}

  std::vector<Step> steps(const Field& field) {
    std::vector<Step> steps;
    const auto list = field.list("a list of calls");
    if (!list) return steps;
    if (list->empty()) field.refuse("at least one call");
    for (const Field& item : *list) {
      if (auto loaded = step(item)) steps.push_back(std::move(*loaded));
    }
    return steps;
  }

 private:
  std::optional<Step> step(const Field& field) {
    if (field.node().kind != JsonKind::object) {
      field.refuse("an object (step)");
      return std::nullopt;
    }
    std::vector<std::string> names;
    for (const CallForm& form : call_forms()) names.emplace_back(form.name);
    const JsonNode* const call = field.node().member("call");
    if (call == nullptr) {
      field.complain("a step without \"call\"", suggestion("", names));
      return std::nullopt;
    }
    const auto index = Field(*call, pointer_to(field.pointer(), "call"), field.errors()).choice(names);
    if (!index) return std::nullopt;
    const ObjectReader reader(field, call_keys()[*index]);
    const CallForm& form = call_forms()[*index];
    Step step;
    step.call = form.call;
    step.pointer = field.pointer();
    for (const std::string_view key : form.needs) reader.need(key, "this call needs it");
    if (const auto returns = reader.get("returns")) step.returns = results(*returns);
    const auto has = [&](std::string_view key) {
      return std::find(form.needs.begin(), form.needs.end(), key) != form.needs.end() ||
             std::find(form.may_have.begin(), form.may_have.end(), key) != form.may_have.end();
    };
    for (const JsonMember& member : field.node().members) {
      if (has(member.key)) load(member.key, field.value(member), step);
    }
    if (form.call == Call::send && step.has_port == step.address.empty()) {
      field.complain(step.has_port ? "a port without an address" : "an address without a port", "give both or neither");
    }
    const auto name = form.call == Call::sysctl ? reader.get("name") : std::nullopt;
    // What a template will say is known when the step runs.
    if (name && !is_template(step.sysctl_name)) {
      check_sysctl_name(*name, step.sysctl_name, os_of(step.host));
      const auto info = setting_named(setting_system(os_of(step.host)), step.sysctl_name);
      if (info && info->scope == SettingScope::at_start)
        name->complain(fmt::format("{} is not changed while sockets are there", in_quotes(step.sysctl_name)),
                       "give it to the host, in \"sysctl\"");
    }
    if (!step.as.empty()) made_.push_back(step.as);
    return step;
  }

  void load(std::string_view key, const Field& field, Step& step) {
    if (key == "as") {
      step.as = field.string("a name for the new socket").value_or("");
    } else if (key == "socket") {
      step.socket = field.string("the name of a socket").value_or("");
      check_made(field, step.socket);
    } else if (key == "process") {
      step.process = field.string("\"host/process\"").value_or("");
      check_process(field, step.process);
    } else if (key == "domain") {
      step.domain = one_of(field, {"inet", "inet6"});
    } else if (key == "type") {
      step.type = one_of(field, {"stream", "dgram"});
    } else if (key == "nonblocking") {
      step.nonblocking = field.boolean().value_or(false);
    } else if (key == "option") {
      step.option = option(field);
    } else if (key == "value") {
      step.call == Call::sysctl ? void(step.sysctl_value = sysctl_text(field).value_or("")) : value(field, step);
    } else if (key == "length") {
      step.length = field.integer(0, 1024);
    } else if (key == "address") {
      step.address = address(field);
    } else if (key == "port") {
      port(field, step);
    } else if (key == "backlog") {
      step.backlog = field.integer(std::numeric_limits<std::int32_t>::min(), 0xffffffff).value_or(0);
    } else if (key == "timeout") {
      step.timeout = seconds(field);
    } else if (key == "event") {
      step.event = one_of(field, {"connected", "readable"});
    } else if (key == "save") {
      save(field, step);
    } else if (key == "bytes") {
      step.bytes = field.integer(0, 1 << 30);
    } else if (key == "how") {
      step.how = one_of(field, {"rd", "wr", "rdwr"});
    } else if (key == "count") {
      step.count = field.integer(0, most_repeats).value_or(0);
      step.has_count = true;
    } else if (key == "opened") {
      step.opened = field.integer(0, most_repeats);
    } else if (key == "seconds") {
      step.sleep = seconds(field).value_or(Duration{});
    } else if (key == "host") {
      step.host = field.string("the name of a host").value_or("");
      if (!script_.hosts.contains(step.host))
        field.refuse("a host of this script", suggestion(step.host, host_names()));
    } else if (key == "name") {
      step.sysctl_name = field.string("the name of a setting").value_or("");
    } else if (key == "body") {
      step.body = steps(field);
    } else if (key == "succeeds") {
      succeeds(field, step);
    } else if (key == "stops_with") {
      step.stops_with = results(field);
    } else if (key == "sockets") {
      step.sockets = field.string("a name pattern with * and ?").value_or("");
    } else if (key == "distinct") {
      step.distinct = field.integer(0, 65536);
    }
  }

  static std::string one_of(const Field& field, const std::vector<std::string>& names) {
    const auto index = field.choice(names);
    return index ? names[*index] : names.front();
  }

  static std::string option(const Field& field) {
    const auto names = option_names();
    return one_of(field, std::vector<std::string>(names.begin(), names.end()));
  }

  std::vector<std::string> results(const Field& field) const {
    std::vector<std::string> results;
    const auto add = [&](const Field& one) {
      const auto text = one.string("\"ok\", \"pending\", or the name of an errno");
      if (!text) return;
      if (*text != "ok" && *text != "pending" && !error_named(*text)) {
        one.refuse("\"ok\", \"pending\", or the name of an errno");
      }
      results.push_back(*text);
    };
    if (field.node().kind == JsonKind::array) {
      if (field.node().items.empty()) field.refuse("at least one result");
      for (std::size_t index = 0; index < field.node().items.size(); ++index) add(field.item(index));
    } else {
      add(field);
    }
    return results;
  }

  static void value(const Field& field, Step& step) {
    step.has_value = true;
    switch (field.node().kind) {
      case JsonKind::integer:
        step.value = {field.node().integer};
        return;
      case JsonKind::boolean:
        step.value = {field.node().boolean ? 1 : 0};
        return;
      case JsonKind::string:
        step.text_value = field.node().text;
        if (step.call == Call::getsockopt && !is_template(step.text_value) && field.node().text.starts_with('E') &&
            !error_named(step.text_value)) {
          field.refuse("the name of an errno");
        }
        return;
      case JsonKind::array:
        if (field.node().items.size() == 2) {
          for (std::size_t index = 0; index < 2; ++index) {
            step.value.push_back(field.item(index).integer(-largest_integer, largest_integer).value_or(0));
          }
          return;
        }
        break;
      default:
        break;
    }
    field.refuse("a number, [low, high], [onoff, seconds], a device name or an errno name");
  }

  static Template address(const Field& field) {
    const auto text = field.string("an address such as \"127.0.0.1\"");
    if (text && !is_template(*text) && !IpAddress::parse(*text))
      field.refuse("an address such as \"127.0.0.1\" or \"::1\"");
    return text.value_or("");
  }

  static void port(const Field& field, Step& step) {
    step.has_port = true;
    const bool expectation =
        step.call == Call::getsockname || step.call == Call::getpeername || step.call == Call::ports;
    const std::string expected =
        expectation ? "a port, \"low-high\", \"even\", \"odd\", \"nonzero\", \"in-range\" or \"!number\""
                    : "a port from 0 to 65535";
    const JsonNode& node = field.node();
    if (node.kind == JsonKind::integer && node.integer >= 0 && node.integer <= 65535) {
      step.port = fmt::format("{}", node.integer);
      return;
    }
    if (node.kind == JsonKind::string) {
      step.port = node.text;
      if (is_template(node.text)) return;
      const PortRange all{Port{0}, Port{65535}};
      const bool plain = !node.text.empty() && node.text.find_first_not_of("0123456789") == std::string::npos;
      if (port_meets(node.text, Port{1}, all) && (expectation || plain)) return;
    }
    field.refuse(expected);
  }

  static std::optional<Duration> seconds(const Field& field) {
    const JsonNode& node = field.node();
    std::optional<Duration> duration;
    if (node.kind == JsonKind::integer) duration = parse_duration(fmt::format("{}s", node.integer));
    if (node.kind == JsonKind::number) duration = parse_duration(node.text + "s");
    if (!duration) field.refuse("a number of seconds, such as 3 or 0.3");
    return duration;
  }

  static void save(const Field& field, Step& step) {
    static const ObjectKeys keys{"save", {"port", "address"}};
    const ObjectReader reader(field, keys);
    if (!reader.is_object()) return;
    for (const JsonMember& member : field.node().members) {
      if (const auto name = field.value(member).string("a name for the value")) step.save[member.key] = *name;
    }
  }

  static void succeeds(const Field& field, Step& step) {
    if (field.node().kind == JsonKind::array) {
      if (field.node().items.size() != 2) {
        field.refuse("a number, or [least, most]");
        return;
      }
      const auto least = field.item(0).integer(0, most_repeats);
      const auto greatest = field.item(1).integer(least.value_or(0), most_repeats);
      if (least && greatest) step.succeeds = {*least, *greatest};
    } else if (const auto value = field.integer(0, most_repeats)) {
      step.succeeds = {*value, *value};
    }
  }

  void check_made(const Field& field, const Template& name) const {
    if (name.empty() || is_template(name)) return;
    const bool known = std::any_of(made_.begin(), made_.end(), [&](const Template& made) {
      return is_template(made) ? name_fits(pattern_of(made), name) : made == name;
    });
    if (!known) field.refuse("a socket that an earlier step made", suggestion(name, made_));
  }

  void check_process(const Field& field, const Template& name) const {
    if (field.node().kind != JsonKind::string || is_template(name)) return;
    const std::size_t slash = name.find('/');
    const auto host = script_.hosts.find(name.substr(0, slash));
    if (slash != std::string::npos && host != script_.hosts.end() &&
        host->second.processes.contains(name.substr(slash + 1))) {
      return;
    }
    std::vector<std::string> known;
    for (const auto& [host_name, one] : script_.hosts) {
      for (const auto& [process, unused] : one.processes) known.push_back(fmt::format("{}/{}", host_name, process));
    }
    field.refuse("a process of this script", suggestion(name, known));
  }

  std::vector<std::string> host_names() const {
    std::vector<std::string> names;
    for (const auto& [name, unused] : script_.hosts) names.push_back(name);
    return names;
  }

  std::string os_of(const std::string& host) const {
    const auto found_host = host.empty() ? script_.hosts.begin() : script_.hosts.find(host);
    return found_host == script_.hosts.end() ? "linux" : found_host->second.os;
  }

  const Script& script_;
  std::vector<std::string> made_;
};

}  // namespace

std::vector<Step> load_steps(const Field& field, const Script& script) { return StepLoader(script).steps(field); }

std::string setting_system(std::string_view os) {
  for (const std::string_view system : {"linux", "windows", "macos", "freebsd"}) {
    if (os.starts_with(system)) return std::string(system);
  }
  return {};
}

void check_sysctl_name(const Field& field, std::string_view name, std::string_view os) {
  const std::string system = setting_system(os);
  if (system.empty() || setting_named(system, name)) return;
  std::vector<std::string> known;
  for (const SettingInfo& info : settings_of(system)) known.emplace_back(info.name);
  field.complain(fmt::format("{} is no setting that the model of {} knows", in_quotes(name), system),
                 suggestion(name, known));
}

std::optional<std::string> sysctl_text(const Field& field) {
  if (field.node().kind == JsonKind::integer) return fmt::format("{}", field.node().integer);
  return field.string("the value as one would write it, such as \"40000 40009\"");
}

}  // namespace netlimits::scenarios
