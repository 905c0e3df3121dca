// MachineReader goes through Collected part by part; each fills its part of Machine or says what is missing.
#include "scenarios/collected/machine_reader.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "model/machine/cgroup_membership.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/collected/address_listing.hpp"
#include "scenarios/collected/counters.hpp"
#include "scenarios/collected/kernel_profile.hpp"
#include "scenarios/collected/machine_sockets.hpp"
#include "scenarios/collected/process_files.hpp"
#include "scenarios/collected/sysctl_listing.hpp"
#include "scenarios/collected/text_lines.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::string_view conntrack_count = "net.netfilter.nf_conntrack_count";
constexpr std::string_view conntrack_buckets = "net.netfilter.nf_conntrack_buckets";
constexpr std::string_view conntrack_max = "net.netfilter.nf_conntrack_max";

class MachineReader {
 public:
  MachineReader(const Collected& collected, const ProfileSet& profiles, const MachineReading& reading)
      : collected_(collected), profiles_(profiles), reading_(reading) {}

  Loaded<Machine> read() {
    machine_.source = collected_.source;
    machine_.surroundings = collected_.surroundings;
    machine_.not_determined = collected_.not_determined;
    machine_.source_towards = collected_.source_towards;
    machine_.no_way = collected_.no_way;
    read_settings();
    read_kernel();
    if (errors_.empty()) take_settings();
    read_ipv6();
    read_figures_of_host();
    read_process();
    read_addresses();
    read_sockets();
    read_cgroups();
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return std::move(machine_);
  }

 private:
  const CollectedText* text(const char* name) const {
    const auto found = collected_.texts.find(name);
    return found == collected_.texts.end() ? nullptr : &found->second;
  }

  void missing(std::string what) { machine_.not_determined.push_back(std::move(what)); }

  // A file that nobody has handed in. Of a running kernel the collector has said already why there is none.
  void no_file(std::string what) {
    if (!reading_.lenient) missing(std::move(what));
  }

  // The value of a reading, or its errors into the list.
  template <class T>
  std::optional<T> take(Loaded<T> loaded) {
    if (loaded) return std::move(*loaded);
    for (InputError& error : loaded.error()) refuse(std::move(error));
    return std::nullopt;
  }

  void refuse(InputError error) {
    if (reading_.lenient) {
      missing(error.text());
    } else {
      errors_.push_back(std::move(error));
    }
  }

  // ---- the kernel and its settings
  void read_settings() {
    if (const CollectedText* listing = text("sysctl")) {
      if (auto read = take(read_sysctl_listing(*listing))) sysctls_ = std::move(*read);
    } else {
      no_file("settings of the kernel: there is no output of sysctl -a");
    }
  }

  std::string value_of(std::string_view name) const {
    const auto found = sysctls_.values.find(name);
    return found == sysctls_.values.end() ? std::string() : found->second.value;
  }

  // "6.18.44" of uname -r, "6.18.44 #1 SMP ..." of uname -rv, "Linux 6.18.44" of uname -sr, "Linux host 6.18.44 #1 SMP
  // ..." of uname -a. A release of others may read like one of Linux, so that only their first word or their own ending
  // gives them away.
  void take_release(const std::string& file, const std::vector<TextWord>& words) {
    constexpr std::array others{"-RELEASE", "-STABLE", "-CURRENT", "_STABLE", ".x86_64-msys", ".x86_64-cygwin"};
    const std::string_view first = words.front().text;
    const auto is_of_others = [&](std::string_view part) { return first.find(part) != std::string_view::npos; };
    const bool named = first.front() < '0' || first.front() > '9';
    if ((named && first != "Linux") || std::any_of(others.begin(), others.end(), is_of_others)) {
      refuse(unexpected_word(file, words.front(), "a release of Linux such as 6.18.44",
                             "uname -r or uname -a of a Linux machine: the files of other systems are not read"));
    } else if (!named) {
      machine_.kernel = first;
    } else if (words.size() == 1) {
      refuse(unexpected_word(file, words.front(), "a release such as 6.18.44", "uname -r"));
    } else {
      machine_.kernel = words[words.size() >= 3 ? 2 : words.size() - 1].text;
    }
  }

  void read_kernel() {
    if (const CollectedText* uname = text("uname")) {
      const std::vector<TextLine> lines = lines_of(uname->text);
      const std::vector<TextWord> words = lines.empty() ? std::vector<TextWord>{} : lines.front().words();
      if (words.empty()) {
        refuse(line_too_short(uname->file, {"", 1}, "a release such as 6.18.44", "uname -r"));
      } else {
        take_release(uname->file, words);
      }
    } else {
      machine_.kernel = value_of("kernel.osrelease");
    }
    if (!reading_.profile.empty()) {
      machine_.profile = profiles_.find(reading_.profile);
      if (!machine_.profile) {
        errors_.push_back(error_of_file("--os " + reading_.profile, "the name of a profile",
                                        "found " + in_quotes(reading_.profile),
                                        profiles_.suggestion(reading_.profile)));
      } else if (machine_.profile->system != "linux") {
        errors_.push_back(error_of_file("--os " + reading_.profile, "a profile of Linux",
                                        "found one of " + machine_.profile->system));
      }
      return;
    }
    KernelProfile chosen = profile_of_kernel(profiles_, machine_.kernel);
    machine_.profile = std::move(chosen.profile);
    if (!chosen.note.empty()) machine_.notes.push_back(std::move(chosen.note));
  }

  void take_settings() {
    const std::string& system = machine_.profile->system;
    for (const SettingInfo& info : settings_of(system)) {
      if (info.scope == SettingScope::fixed || info.scope == SettingScope::at_start) continue;
      const std::string name(info.name);
      const auto found = sysctls_.values.find(info.name);
      if (found == sysctls_.values.end()) continue;
      if (machine_.profile->settings_absent.contains(name)) {
        machine_.notes.push_back(fmt::format("{} = {} is there, and {} has no such setting: it is left out", name,
                                             found->second.value, machine_.profile->name));
        continue;
      }
      machine_.settings.emplace(name, found->second.value);
    }
    for (const std::string& name : sysctls_.unreadable) {
      if (setting_named(system, name)) missing(fmt::format("{}: sysctl could not read it", name));
    }
    // A scenario with a value that the rules here refuse would not load.
    for (;;) {
      const auto order = writing_order(machine_.profile->settings, system, machine_.settings);
      if (order) return;
      const SysctlValue& wrong = sysctls_.values.find(order.error())->second;
      refuse(unexpected_word(
          text("sysctl")->file, wrong.at,
          fmt::format("a value of {}: {}", order.error(), setting_named(system, order.error())->expects)));
      machine_.settings.erase(order.error());
    }
  }

  // ---- figures of the whole host
  // From a file of its own, or else from the listing.
  std::optional<std::uint64_t> figure(const char* file, std::string_view name, std::size_t which) {
    if (const CollectedText* own = text(file)) {
      const auto figures = take(read_figures(*own, which + 1));
      return figures ? std::optional((*figures)[which]) : std::nullopt;
    }
    const auto found = sysctls_.values.find(name);
    if (found == sysctls_.values.end()) return std::nullopt;
    const std::vector<TextWord> words = found->second.at.text.empty()
                                            ? std::vector<TextWord>{}
                                            : TextLine{found->second.at.text, found->second.at.line}.words();
    const auto value = which < words.size() ? whole_number(words[which].text) : std::nullopt;
    if (!value) refuse(unexpected_word(text("sysctl")->file, found->second.at, "a whole number"));
    return value;
  }

  void read_figures_of_host() {
    machine_.open_files = figure("file-nr", "fs.file-nr", 0);
    if (!machine_.open_files) missing("open files of the whole host: fs.file-nr is not there");
    machine_.conntrack_entries = figure("nf_conntrack_count", conntrack_count, 0);
    machine_.conntrack_max = figure("nf_conntrack_max", conntrack_max, 0);
    machine_.conntrack_buckets = figure("nf_conntrack_buckets", conntrack_buckets, 0);
    machine_.tcp_pages_max = figure("tcp_mem", "net.ipv4.tcp_mem", 2);
    read_socket_counts_of_host();
  }

  void read_socket_counts_of_host() {
    SocketCounts& counts = machine_.counts;
    if (const CollectedText* sockstat = text("sockstat")) {
      if (auto read = take(read_socket_counts(*sockstat))) counts = *read;
    } else if (const CollectedText* summary = text("ss-s")) {
      if (auto read = take(read_ss_summary(*summary))) counts = *read;
    } else {
      no_file("orphans and buffers: /proc/net/sockstat is not there");
    }
    if (const CollectedText* sockstat6 = text("sockstat6")) {
      if (const auto read = take(read_ipv6_sockets_in_use(*sockstat6))) counts.in_use_of_ipv6 = *read;
    }
  }

  // net/ipv6/addrconf.c, addrconf_disable_ipv6: `all` writes every interface's own, and each takes its addresses away.
  void read_ipv6() {
    const std::string of_all = value_of("net.ipv6.conf.all.disable_ipv6");
    const std::string of_loopback = value_of("net.ipv6.conf.lo.disable_ipv6");
    machine_.without_ipv6 = of_all == "1";
    machine_.without_ipv6_loopback = (of_loopback.empty() ? of_all : of_loopback) == "1";
  }

  // ---- the process
  void read_process() {
    MachineProcess& process = machine_.process;
    if (const CollectedText* limits = text("limits")) {
      if (const auto read = take(read_process_limits(*limits))) {
        process.nofile_soft = read->nofile_soft;
        process.nofile_hard = read->nofile_hard;
      }
    } else {
      no_file("the descriptor limit of the process: /proc/PID/limits is not there");
    }
    process.runs = collected_.process_asked;
    if (const CollectedText* status = text("status")) {
      if (const auto read = take(read_process_status(*status))) {
        if (collected_.process_asked) {
          if (!read->name.empty()) process.name = read->name;
          process.id = read->id;
        }
        process.uid = read->effective_uid;
        if (read->pid_namespaces > 1)
          machine_.surroundings.push_back("the process is in a process-id namespace below the one that was asked");
      }
    }
    if (!collected_.process_asked) return;
    if (const CollectedText* descriptors = text("fd")) {
      if (auto read = take(read_process_descriptors(*descriptors))) {
        // A running kernel's own list is empty where nothing is open.
        if (read->numbers.empty() && !reading_.lenient) {
          missing(fmt::format("open descriptors of the process: {} lists none (ls -l as root, or as its user, does)",
                              descriptors->file));
        } else {
          process.descriptors = std::move(read->numbers);
        }
        if (read->targets_shown) inodes_ = std::move(read->socket_inodes);
        if (read->vanished > 0)
          machine_.notes.push_back(
              fmt::format("{} closed while {} listed",
                          read->vanished == 1 ? "1 descriptor was" : fmt::format("{} descriptors were", read->vanished),
                          read->vanished == 1 ? "it was" : "they were"));
      }
    } else {
      no_file("open descriptors of the process: /proc/PID/fd is not there");
    }
  }

  void read_addresses() {
    machine_.addresses_in_doubt = true;
    if (const CollectedText* addresses = text("addresses")) {
      if (auto read = take(read_address_listing(*addresses))) {
        machine_.addresses = std::move(*read);
        machine_.addresses_in_doubt = false;
      }
    } else {
      no_file("addresses of the machine: there is no output of ip addr");
    }
    if (const CollectedText* route = text("route")) read_route(*route);
    if (!machine_.source_towards) return;
    // The one that routing chooses comes first.
    std::vector<AddressBlock>& addresses = machine_.addresses;
    const auto chosen = std::find_if(addresses.begin(), addresses.end(), [&](const AddressBlock& block) {
      return block.address == *machine_.source_towards;
    });
    if (chosen != addresses.end()) {
      std::rotate(addresses.begin(), chosen, chosen + 1);
    } else if (!machine_.source_towards->is_loopback()) {
      addresses.insert(addresses.begin(), AddressBlock::single(*machine_.source_towards));
    }
  }

  void read_route(const CollectedText& route) {
    const auto answers = take(read_routes(route));
    if (!answers) return;
    const auto& asked = reading_.towards;
    const auto answer = std::find_if(answers->begin(), answers->end(), [&](const RouteAnswer& one) {
      return !asked || !one.towards || one.towards->unmapped() == asked->unmapped();
    });
    if (answer == answers->end()) {
      return missing(fmt::format("the way to {}: {} has that to {} (ip route get {})", asked->text(), route.file,
                                 answers->front().towards->text(), asked->text()));
    }
    machine_.source_towards = answer->source;
    machine_.no_way = answer->refused;
  }

  // ---- sockets
  void read_sockets() {
    MachineSockets found = machine_sockets(collected_, machine_.process, inodes_, !reading_.lenient);
    for (InputError& error : found.errors) refuse(std::move(error));
    for (std::string& what : found.not_determined) missing(std::move(what));
    machine_.sockets = std::move(found.sockets);
    machine_.owners_seen = found.owners_seen;
    machine_.bound_sockets_seen = found.bound_sockets_seen;
    machine_.listeners_in_doubt = found.listeners_in_doubt;
    if (!machine_.sockets && machine_.counts.in_use) {
      machine_.notes.push_back(fmt::format(
          "there {} of TCP over IPv4{}, by sockstat: their ports are not known",
          *machine_.counts.in_use == 1 ? "is 1 socket" : fmt::format("are {} sockets", *machine_.counts.in_use),
          machine_.counts.in_use_of_ipv6 ? fmt::format(" and {} over IPv6", *machine_.counts.in_use_of_ipv6) : ""));
    }
    if (machine_.addresses_in_doubt && machine_.sockets) addresses_from_sockets();
  }

  void addresses_from_sockets() {
    std::set<IpAddress> seen;
    for (const AddressBlock& block : machine_.addresses) seen.insert(block.address);
    const std::size_t before = seen.size();
    for (const MachineSocket& socket : *machine_.sockets) {
      const IpAddress& local = socket.tuple.local.address;
      const bool link_local = !local.is_v4() && (local.high() >> 54U) == (0xfe80U >> 6U);
      if (local.is_wildcard() || local.is_loopback() || local.is_multicast() || link_local) continue;
      if (seen.insert(local).second) machine_.addresses.push_back(AddressBlock::single(local));
    }
    if (seen.size() > before)
      machine_.notes.emplace_back("the addresses are those that its sockets have: there is no output of ip addr");
  }

  // ---- control groups
  void read_cgroups() {
    for (const auto& [groups, uses] : {std::pair(&collected_.memory, &machine_.cgroup_memory),
                                       std::pair(&collected_.processes, &machine_.cgroup_processes)}) {
      for (const CollectedCgroup& group : *groups) {
        const auto limit = take(read_cgroup_figure(group.limit));
        const auto used = take(read_figures(group.used, 1));
        if (limit && used) uses->push_back({group.path, *limit, used->front()});
      }
    }
    const CollectedText* memberships = text("cgroup");
    if (memberships == nullptr) return;
    const auto read = parse_cgroup_memberships(memberships->text);
    if (!read) {
      InputError error = error_of_file(memberships->file, "a line such as \"0::/system.slice/web.service\"",
                                       "found something else", "cat /proc/PID/cgroup");
      error.line = read.error();
      error.column = 1;
      refuse(std::move(error));
      return;
    }
    for (const CgroupMembership& membership : *read) {
      const std::string made_by = container_of(membership.path);
      if (made_by.empty()) continue;
      machine_.surroundings.push_back(
          fmt::format("in a container: its control group {} is one of {}", membership.path, made_by));
      return;
    }
  }

  const Collected& collected_;
  const ProfileSet& profiles_;
  const MachineReading& reading_;
  Machine machine_;
  InputErrors errors_;
  SysctlListing sysctls_;
  std::optional<std::map<std::uint64_t, std::uint64_t>> inodes_;  // of its sockets; nothing: not shown
};

}  // namespace

Loaded<Machine> read_machine(const Collected& collected, const ProfileSet& profiles, const MachineReading& reading) {
  return MachineReader(collected, profiles, reading).read();
}

}  // namespace netlimits::scenarios
