// Collector, from the outside in: settings of the machine, the process, its network namespace, addresses and sockets.
#include "live/machine/machine_collector.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "live/machine/cgroup_files.hpp"
#include "live/machine/proc_text.hpp"
#include "live/machine/process_network.hpp"
#include "live/machine/route_source.hpp"
#include "live/sandbox/running_kernel.hpp"
#include "live/sandbox/sock_diag.hpp"
#include "live/sandbox/socket_address.hpp"
#include "live/sandbox/sysctl.hpp"
#include "model/systems/kernel_version.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::live {
namespace {

// Beside the settings of the model.
constexpr std::array more_sysctls{"fs.file-nr",
                                  "kernel.osrelease",
                                  "net.ipv4.tcp_mem",
                                  "net.ipv6.conf.all.disable_ipv6",
                                  "net.ipv6.conf.lo.disable_ipv6",
                                  "net.netfilter.nf_conntrack_buckets",
                                  "net.netfilter.nf_conntrack_count",
                                  "net.netfilter.nf_conntrack_max"};
constexpr KernelVersion tells_bound_sockets{6, 8};
constexpr Duration longest_entry = std::chrono::hours(24);  // a timer that is due already reads as a huge number

// Addresses that nobody has (RFC 5737, RFC 3849): the way to them is the way to everywhere.
IpAddress everywhere(Family family) {
  return family == Family::inet ? IpAddress::v4(0xc0000201) : IpAddress::v6(0x20010db800000000ULL, 1);
}

// What the kernel's lookup ends with where there is no way there: none (ENETUNREACH), or a route that refuses
// (unreachable, prohibit, blackhole). connect() ends with the same.
bool says_no_way(int number) {
  return number == ENETUNREACH || number == EHOSTUNREACH || number == EACCES || number == EINVAL;
}

struct FreeAddresses {
  void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};

int prefix_length(const sockaddr* mask) {
  int length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(mask);
  const bool v4 = mask->sa_family == AF_INET;
  const std::size_t first = v4 ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr);
  for (std::size_t i = 0; i < (v4 ? 4U : 16U); ++i) length += std::popcount(bytes[first + i]);
  return length;
}

std::optional<Endpoint> endpoint_behind(const sockaddr* name) {
  SocketAddress address;
  address.length = name->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  std::memcpy(&address.storage, name, address.length);
  return endpoint_of(address);
}

class Collector {
 public:
  explicit Collector(const CollectWish& wish) : wish_(wish) {
    process_ = wish.process ? "/proc/" + std::to_string(*wish.process) : std::string("/proc/self");
  }

  tl::expected<Collected, std::string> collect() {
    found_.source = "this machine";
    found_.process_asked = wish_.process.has_value();
    if (wish_.process) {
      if (auto status = read_text(process_ + "/status"); !status) {
        return tl::unexpected(status.error().number == ENOENT || status.error().number == ESRCH
                                  ? "there is no process " + std::to_string(*wish_.process)
                                  : status.error().text());
      }
    }
    put("uname", "uname -r", kernel_release());
    read_host_wide();
    read_process();
    read_network();
    found_.texts.insert_or_assign("sysctl", CollectedText{"/proc/sys", sysctls_});
    return std::move(found_);
  }

 private:
  void put(const char* name, std::string file, std::string text) {
    found_.texts.insert_or_assign(name, CollectedText{std::move(file), std::move(text)});
  }

  void put_file(const char* name, const std::string& path, const char* what) {
    if (auto text = read_text(path)) {
      put(name, path, std::move(*text));
    } else {
      missing(std::string(what) + ": " + text.error().text());
    }
  }

  void missing(std::string what) { found_.not_determined.push_back(std::move(what)); }

  // As `sysctl -a` prints it. Whether it was there.
  bool read_one_sysctl(std::string_view name) {
    const auto value = read_sysctl(name);
    if (value) {
      sysctls_ += std::string(name) + " = " + *value + "\n";
      return true;
    }
    // One that this kernel does not have is no gap.
    if (value.error().number != ENOENT) missing(value.error().text());
    return false;
  }

  // Those of fs and kernel, which no namespace changes, and of net those that only the first namespace shows.
  void read_host_wide() {
    for (const SettingInfo& info : settings_of("linux")) {
      if (info.scope == SettingScope::host_wide && !info.name.starts_with("net.")) read_one_sysctl(info.name);
    }
    for (const char* name : more_sysctls) {
      if (!std::string_view(name).starts_with("net.")) read_one_sysctl(name);
    }
  }

  void read_network_sysctls() {
    for (const SettingInfo& info : settings_of("linux")) {
      if (info.scope != SettingScope::fixed && info.scope != SettingScope::at_start && info.name.starts_with("net."))
        read_inside(info.name);
    }
    for (const char* name : more_sysctls) {
      if (std::string_view(name).starts_with("net.")) read_inside(name);
    }
  }

  void read_inside(std::string_view name) {
    if (read_one_sysctl(name)) return;
    const auto outside = outside_.find(name);
    if (outside != outside_.end()) sysctls_ += outside->first + " = " + outside->second + "\n";
  }

  // One value for the whole machine that only the first namespace shows, if that is where we are.
  void read_outside() {
    for (const char* name : {"net.ipv4.tcp_max_orphans", "net.ipv4.tcp_mem"}) {
      if (auto value = read_sysctl(name)) outside_.emplace(name, std::move(*value));
    }
  }

  void read_process() {
    put_file("limits", process_ + "/limits", "the descriptor limit of the process");
    put_file("status", process_ + "/status", "name and user of the process");
    put_file("cgroup", process_ + "/cgroup", "the control groups of the process");
    if (const auto groups = found_.texts.find("cgroup"); groups != found_.texts.end()) {
      CgroupTexts texts = read_cgroups(groups->second.text);
      found_.memory = std::move(texts.memory);
      found_.processes = std::move(texts.processes);
      for (std::string& why : texts.not_determined) missing(std::move(why));
    }
    if (wish_.process) {
      if (auto descriptors = read_descriptors(process_ + "/fd")) {
        put("fd", process_ + "/fd", std::move(*descriptors));
      } else {
        missing("open descriptors of the process: " + descriptors.error().text());
      }
    }
    look_around();
  }

  void look_around() {
    if (const auto map = read_text(process_ + "/uid_map")) {
      const bool all = map->find("4294967295") != std::string::npos;
      if (!all) found_.surroundings.emplace_back("in a user namespace: its root has no right over the whole machine");
    }
    for (const char* mark : {"/.dockerenv", "/run/.containerenv"}) {
      if (read_text(process_ + "/root" + mark))
        found_.surroundings.push_back(std::string("in a container: there is a file ") + mark);
    }
  }

  // ---- what a network namespace has
  void read_network() {
    if (!wish_.process) {
      note_namespace("that of this program");
      return read_here("/proc/thread-self/net");
    }
    const auto shared = shares_our_network(process_);
    if (shared == true) {
      note_namespace("that of this program too");
      return read_here(process_ + "/net");
    }
    auto theirs = network_of(process_);
    if (shared && theirs) {
      read_outside();
      auto visit = Visit::to(*theirs);
      if (visit) {
        note_namespace("another than that of this program");
        return read_here(process_ + "/net");
      }
      theirs = tl::unexpected(visit.error());
    }
    note_namespace(shared ? "another than that of this program" : "perhaps another than that of this program");
    missing(
        "settings under net, and addresses: they belong to the network namespace of the process, which this user "
        "may not enter (" +
        (theirs ? std::string("no telling which it is") : theirs.error().text()) + ")");
    read_texts(process_ + "/net");
  }

  void note_namespace(const char* which) {
    const auto name = read_link(wish_.process ? process_ + "/ns/net" : "/proc/thread-self/ns/net");
    found_.surroundings.push_back("network namespace " + (name ? *name : std::string("of no readable name")) + ": " +
                                  which);
  }

  // The calling thread is in the namespace.
  void read_here(const std::string& directory) {
    read_network_sysctls();
    read_addresses();
    if (wish_.towards) {
      const auto source = route_source(*wish_.towards);
      if (source) {
        found_.source_towards = *source;
      } else if (says_no_way(source.error().number)) {
        found_.no_way = error_of(source.error().number);
      } else {
        missing("the source address towards " + wish_.towards->text() + ": " + source.error().text());
      }
    }
    put_file("sockstat", directory + "/sockstat", "orphans and buffers");
    if (!read_sockets()) read_socket_texts(directory);
  }

  void read_texts(const std::string& directory) {
    put_file("sockstat", directory + "/sockstat", "orphans and buffers");
    read_socket_texts(directory);
  }

  void read_socket_texts(const std::string& directory) {
    put_file("tcp", directory + "/tcp", "sockets of IPv4");
    if (auto text = read_text(directory + "/tcp6")) put("tcp6", directory + "/tcp6", std::move(*text));
  }

  bool read_sockets() {
    std::vector<MachineSocket> sockets;
    const auto done = each_tcp_socket(all_states | bound_only, [&](const SeenSocket& seen) {
      MachineSocket socket;
      socket.state = seen.state;
      socket.tuple = seen.tuple;
      socket.inode = seen.inode;
      if (seen.state == TcpState::listen) {
        socket.queued = seen.queued;
        socket.backlog = seen.backlog;
      }
      socket.entry = seen.entry_ends_after.has_value();
      if (socket.entry)
        socket.ends_after = *seen.entry_ends_after < longest_entry ? *seen.entry_ends_after : Duration::zero();
      sockets.push_back(socket);
    });
    if (!done) {
      missing("sockets by netlink: " + done.error().text());
      return false;
    }
    found_.sockets = std::move(sockets);
    const auto version = kernel_version(kernel_release());
    found_.bound_sockets_seen = version && *version >= tells_bound_sockets;
    return true;
  }

  // As `ip -o addr` prints them; those that routing prefers first.
  void read_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return missing(system_failure("read the addresses").value().text());
    const std::unique_ptr<ifaddrs, FreeAddresses> owned(list);
    std::vector<AddressBlock> blocks;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
      if (one->ifa_addr == nullptr || one->ifa_netmask == nullptr) continue;
      if (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6) continue;
      const auto endpoint = endpoint_behind(one->ifa_addr);
      if (endpoint) blocks.push_back({endpoint->address, static_cast<std::uint8_t>(prefix_length(one->ifa_netmask))});
    }
    for (const Family family : {Family::inet6, Family::inet}) {
      const auto preferred = route_source(everywhere(family));
      if (!preferred) continue;
      const auto at = std::find_if(blocks.begin(), blocks.end(),
                                   [&](const AddressBlock& block) { return block.address == *preferred; });
      if (at != blocks.end()) std::rotate(blocks.begin(), at, at + 1);
    }
    std::string text;
    for (const AddressBlock& block : blocks) text += (block.address.is_v4() ? "inet " : "inet6 ") + block.text() + "\n";
    put("addresses", "addresses by netlink", std::move(text));
  }

  const CollectWish& wish_;
  std::string process_;
  std::string sysctls_;
  Collected found_;
  std::map<std::string, std::string, std::less<>> outside_;  // host-wide settings under net, read before going in
};

}  // namespace

tl::expected<Collected, std::string> collect_machine(const CollectWish& wish) { return Collector(wish).collect(); }

}  // namespace netlimits::live
