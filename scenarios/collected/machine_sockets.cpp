// Takes the first source that has sockets of TCP, and says what that source does not tell.
#include "scenarios/collected/machine_sockets.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "scenarios/collected/socket_listing.hpp"

namespace netlimits::scenarios {
namespace {

bool any_listens(const std::vector<MachineSocket>& sockets) {
  return std::any_of(sockets.begin(), sockets.end(),
                     [](const MachineSocket& socket) { return socket.state == TcpState::listen; });
}

class SocketSources {
 public:
  SocketSources(const Collected& collected, const MachineProcess& process,
                const std::optional<std::map<std::uint64_t, std::uint64_t>>& inodes, bool name_missing)
      : collected_(collected), process_(process), inodes_(inodes), name_missing_(name_missing) {}

  MachineSockets read() {
    const bool seen = by_netlink() || by_listing("ss", read_ss_listing) ||
                      by_listing("netstat", read_netstat_listing) || by_kernel_tables();
    if (!seen) {
      if (found_.errors.empty() && found_.not_determined.empty())
        missing("sockets: neither a list by netlink, nor the output of ss or netstat, nor /proc/net/tcp is there");
      return std::move(found_);
    }
    mark_own();
    std::sort(found_.sockets->begin(), found_.sockets->end(), [](const MachineSocket& a, const MachineSocket& b) {
      return std::tie(a.tuple, a.state, a.inode) < std::tie(b.tuple, b.state, b.inode);
    });
    if (!found_.bound_sockets_seen)
      missing("ports that sockets hold which are bound and neither listen nor are connected");
    return std::move(found_);
  }

 private:
  const CollectedText* text(const char* name) const {
    const auto found = collected_.texts.find(name);
    return found == collected_.texts.end() ? nullptr : &found->second;
  }

  void missing(std::string what) { found_.not_determined.push_back(std::move(what)); }

  bool by_netlink() {
    found_.sockets = collected_.sockets;
    found_.bound_sockets_seen = collected_.bound_sockets_seen;
    return found_.sockets.has_value();
  }

  template <class Reader>
  bool by_listing(const char* name, const Reader& read) {
    const CollectedText* listing = text(name);
    if (listing == nullptr || !found_.errors.empty()) return false;
    auto rows = read(*listing, process_.id);
    if (!rows) {
      found_.errors = std::move(rows.error());
      return false;
    }
    if (rows->sockets.empty() && rows->others) {
      missing(fmt::format("sockets: {} has other protocols' alone", listing->file));
      return false;
    }
    if (rows->cut > 0) {
      missing(fmt::format("{} of IPv6 whose addresses {} cut to the width of a column (-W prints them whole)",
                          rows->cut == 1 ? "1 socket" : fmt::format("{} sockets", rows->cut), name));
    }
    found_.sockets = std::move(rows->sockets);
    found_.listeners_in_doubt = !any_listens(*found_.sockets) || rows->cut > 0;
    if (!any_listens(*found_.sockets))
      missing(fmt::format("who listens: {} has no socket that does (-a lists them)", listing->file));
    const bool said = std::any_of(found_.sockets->begin(), found_.sockets->end(),
                                  [](const MachineSocket& one) { return one.of_process; });
    found_.owners_seen = said;
    told_owners_ = true;
    if (collected_.process_asked && !said)
      own_unknown(fmt::format("{} names no socket of it ({} -p, as root)", name, name).c_str());
    return true;
  }

  bool by_kernel_tables() {
    if (!found_.errors.empty() || (text("tcp") == nullptr && text("tcp6") == nullptr)) return false;
    found_.sockets.emplace();
    for (const char* name : {"tcp", "tcp6"}) {
      const CollectedText* table = text(name);
      if (table == nullptr) {
        found_.listeners_in_doubt = true;  // one of IPv6 may take connections of IPv4 too
        if (name_missing_) {
          missing(fmt::format("sockets of IPv{}: /proc/net/{} is not there", name == std::string_view("tcp") ? 4 : 6,
                              name));
        }
        continue;
      }
      auto read = read_proc_net_tcp(*table);
      if (read) {
        found_.sockets->insert(found_.sockets->end(), read->begin(), read->end());
      } else {
        found_.listeners_in_doubt = true;
        found_.errors.insert(found_.errors.end(), read.error().begin(), read.error().end());
      }
    }
    return true;
  }

  void own_unknown(const char* why) { missing(fmt::format("which sockets are those of {}: {}", process_.name, why)); }

  void mark_own() {
    if (!collected_.process_asked || found_.owners_seen) return;
    if (!inodes_) {
      if (!told_owners_) own_unknown("its descriptors are not shown");
      return;
    }
    found_.owners_seen = inodes_->empty() || std::any_of(found_.sockets->begin(), found_.sockets->end(),
                                                         [](const MachineSocket& one) { return one.inode != 0; });
    for (MachineSocket& socket : *found_.sockets) {
      if (socket.inode != 0 && inodes_->contains(socket.inode)) socket.of_process = true;
    }
  }

  const Collected& collected_;
  const MachineProcess& process_;
  const std::optional<std::map<std::uint64_t, std::uint64_t>>& inodes_;
  bool name_missing_;
  bool told_owners_ = false;  // the source names programs, if it was let
  MachineSockets found_;
};

}  // namespace

MachineSockets machine_sockets(const Collected& collected, const MachineProcess& process,
                               const std::optional<std::map<std::uint64_t, std::uint64_t>>& inodes, bool name_missing) {
  return SocketSources(collected, process, inodes, name_missing).read();
}

}  // namespace netlimits::scenarios
