// One function for each request: links, cables, bridges, addresses, routes.
#include "live/sandbox/links.hpp"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <array>

#include "live/sandbox/netlink_object.hpp"

namespace netlimits::live {
namespace {

constexpr const char* dead_end = "dead";
// Link-local addresses that no scenario's traffic uses.
const IpAddress nowhere_v4 = IpAddress::v4(0xa9fe0002);  // 169.254.0.2
const IpAddress nowhere_v6 = IpAddress::v6(0xfe80000000000000ULL, 3);

SystemResult<NetlinkObject<nl_sock>> open_route_socket() {
  NetlinkObject<nl_sock> socket(nl_socket_alloc());
  if (!socket) return netlink_failure("rtnetlink", -NLE_NOMEM);
  if (const int code = nl_connect(socket.get(), NETLINK_ROUTE); code < 0) return netlink_failure("rtnetlink", code);
  return socket;
}

SystemResult<NetlinkObject<rtnl_link>> find_link(nl_sock* socket, const std::string& name) {
  rtnl_link* found = nullptr;
  if (const int code = rtnl_link_get_kernel(socket, 0, name.c_str(), &found); code < 0)
    return netlink_failure("find interface " + name, code);
  return NetlinkObject<rtnl_link>(found);
}

SystemResult<int> index_of(nl_sock* socket, const std::string& name) {
  auto link = find_link(socket, name);
  if (!link) return tl::unexpected(link.error());
  return rtnl_link_get_ifindex(link->get());
}

SystemResult<void> change_link(const std::string& name, bool up) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto link = find_link(socket->get(), name);
  if (!link) return tl::unexpected(link.error());
  NetlinkObject<rtnl_link> change(rtnl_link_alloc());
  if (up)
    rtnl_link_set_flags(change.get(), IFF_UP);
  else
    rtnl_link_unset_flags(change.get(), IFF_UP);
  if (const int code = rtnl_link_change(socket->get(), link->get(), change.get(), 0); code < 0)
    return netlink_failure("set interface " + name + (up ? " up" : " down"), code);
  return {};
}

NetlinkObject<nl_addr> netlink_address(IpAddress address, unsigned length) {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 16;
  if (address.is_v4()) {
    size = 4;
    for (std::size_t i = 0; i < 4; ++i) bytes.at(i) = static_cast<unsigned char>(address.v4_bits() >> (24 - 8 * i));
  } else {
    for (std::size_t i = 0; i < 8; ++i) {
      bytes.at(i) = static_cast<unsigned char>(address.high() >> (56 - 8 * i));
      bytes.at(8 + i) = static_cast<unsigned char>(address.low() >> (56 - 8 * i));
    }
  }
  NetlinkObject<nl_addr> result(nl_addr_build(address.is_v4() ? AF_INET : AF_INET6, bytes.data(), size));
  nl_addr_set_prefixlen(result.get(), static_cast<int>(length));
  return result;
}

NetlinkObject<nl_addr> netlink_address(IpAddress address) {
  return netlink_address(address, address.is_v4() ? 32 : 128);
}

// The block with its host bits cleared, as a route's destination must be.
IpAddress network_of(const AddressBlock& block) {
  const unsigned length = block.length;
  if (block.address.is_v4()) {
    const std::uint32_t mask = length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
    return IpAddress::v4(block.address.v4_bits() & mask);
  }
  const std::uint64_t all = ~std::uint64_t{0};
  const std::uint64_t high = length >= 64 ? all : (length == 0 ? 0 : all << (64 - length));
  const std::uint64_t low = length <= 64 ? 0 : all << (128 - length);
  return IpAddress::v6(block.address.high() & high, block.address.low() & low);
}

SystemResult<void> add(nl_sock* socket, rtnl_route* route, const std::string& what) {
  if (const int code = rtnl_route_add(socket, route, NLM_F_EXCL); code < 0 && code != -NLE_EXIST)
    return netlink_failure("add route " + what, code);
  return {};
}

}  // namespace

SystemResult<void> bring_loopback_up() { return change_link("lo", true); }

SystemResult<void> set_link_up(const std::string& name, bool up) { return change_link(name, up); }

SystemResult<void> lay_cable(const std::string& here, const NetworkNamespace& other, const std::string& there) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  NetlinkObject<rtnl_link> cable(rtnl_link_veth_alloc());
  rtnl_link_set_name(cable.get(), here.c_str());
  {
    const NetlinkObject<rtnl_link> peer(rtnl_link_veth_get_peer(cable.get()));
    rtnl_link_set_name(peer.get(), there.c_str());
    rtnl_link_set_ns_fd(peer.get(), other.descriptor());
  }
  const int code = rtnl_link_add(socket->get(), cable.get(), NLM_F_CREATE | NLM_F_EXCL);
  if (code < 0) return netlink_failure("make the pair of interfaces " + here + " and " + there, code);
  if (auto up = change_link(here, true); !up) return up;
  auto visit = Visit::to(other);
  if (!visit) return tl::unexpected(visit.error());
  return change_link(there, true);
}

SystemResult<void> make_bridge(const std::string& name) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  NetlinkObject<rtnl_link> bridge(rtnl_link_alloc());
  rtnl_link_set_type(bridge.get(), "bridge");
  rtnl_link_set_name(bridge.get(), name.c_str());
  if (const int code = rtnl_link_add(socket->get(), bridge.get(), NLM_F_CREATE | NLM_F_EXCL); code < 0)
    return netlink_failure("make bridge " + name, code);
  return change_link(name, true);
}

SystemResult<void> put_into_bridge(const std::string& link_name, const std::string& bridge) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto link = find_link(socket->get(), link_name);
  if (!link) return tl::unexpected(link.error());
  auto index = index_of(socket->get(), bridge);
  if (!index) return tl::unexpected(index.error());
  NetlinkObject<rtnl_link> change(rtnl_link_alloc());
  rtnl_link_set_master(change.get(), *index);
  if (const int code = rtnl_link_change(socket->get(), link->get(), change.get(), 0); code < 0)
    return netlink_failure("put " + link_name + " into bridge " + bridge, code);
  return {};
}

SystemResult<void> add_address(const std::string& link, const AddressBlock& address) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto index = index_of(socket->get(), link);
  if (!index) return tl::unexpected(index.error());
  NetlinkObject<rtnl_addr> wanted(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(wanted.get(), *index);
  const NetlinkObject<nl_addr> local = netlink_address(address.address, address.length);
  rtnl_addr_set_local(wanted.get(), local.get());
  if (!address.address.is_v4()) rtnl_addr_set_flags(wanted.get(), IFA_F_NODAD);
  const int code = rtnl_addr_add(socket->get(), wanted.get(), NLM_F_CREATE | NLM_F_EXCL);
  if (code < 0 && code != -NLE_EXIST) return netlink_failure("add address " + address.text() + " to " + link, code);
  return {};
}

SystemResult<void> add_any_ip(const AddressBlock& block) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto loopback = index_of(socket->get(), "lo");
  if (!loopback) return tl::unexpected(loopback.error());
  NetlinkObject<rtnl_route> route(rtnl_route_alloc());
  const NetlinkObject<nl_addr> to = netlink_address(network_of(block), block.length);
  rtnl_route_set_family(route.get(), static_cast<std::uint8_t>(block.address.is_v4() ? AF_INET : AF_INET6));
  rtnl_route_set_dst(route.get(), to.get());
  rtnl_route_set_type(route.get(), RTN_LOCAL);
  rtnl_route_set_table(route.get(), RT_TABLE_LOCAL);
  rtnl_route_set_scope(route.get(), RT_SCOPE_HOST);
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, *loopback);
  rtnl_route_add_nexthop(route.get(), hop);  // the route owns it now
  return add(socket->get(), route.get(), "local " + block.text());
}

namespace {

SystemResult<NetlinkObject<rtnl_route>> route_of(nl_sock* socket, const RouteEntry& entry) {
  auto index = index_of(socket, entry.link);
  if (!index) return tl::unexpected(index.error());
  NetlinkObject<rtnl_route> route(rtnl_route_alloc());
  const NetlinkObject<nl_addr> to = netlink_address(network_of(entry.to), entry.to.length);
  rtnl_route_set_family(route.get(), static_cast<std::uint8_t>(entry.to.address.is_v4() ? AF_INET : AF_INET6));
  rtnl_route_set_dst(route.get(), to.get());
  rtnl_route_set_type(route.get(), RTN_UNICAST);
  rtnl_route_set_table(route.get(), RT_TABLE_MAIN);
  rtnl_route_set_scope(route.get(), entry.via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
  if (entry.source) {
    const NetlinkObject<nl_addr> source = netlink_address(*entry.source);
    rtnl_route_set_pref_src(route.get(), source.get());
  }
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, *index);
  if (entry.via) {
    const NetlinkObject<nl_addr> via = netlink_address(*entry.via);
    rtnl_route_nh_set_gateway(hop, via.get());
    rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
  }
  rtnl_route_add_nexthop(route.get(), hop);  // the route owns it now
  return route;
}

}  // namespace

SystemResult<void> add_route(const RouteEntry& entry) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto route = route_of(socket->get(), entry);
  if (!route) return tl::unexpected(route.error());
  return add(socket->get(), route->get(), entry.to.text() + " by " + entry.link);
}

SystemResult<void> replace_route(const RouteEntry& entry) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto route = route_of(socket->get(), entry);
  if (!route) return tl::unexpected(route.error());
  if (const int code = rtnl_route_add(socket->get(), route->get(), NLM_F_CREATE | NLM_F_REPLACE); code < 0)
    return netlink_failure("replace route " + entry.to.text() + " by " + entry.link, code);
  return {};
}

SystemResult<void> choose_source_towards_own(const std::string& link, IpAddress own, IpAddress source) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto route = route_of(socket->get(), {AddressBlock::single(own), link, std::nullopt, source});
  if (!route) return tl::unexpected(route.error());
  rtnl_route_set_type(route->get(), RTN_LOCAL);
  rtnl_route_set_table(route->get(), RT_TABLE_LOCAL);
  rtnl_route_set_scope(route->get(), RT_SCOPE_HOST);
  if (const int code = rtnl_route_add(socket->get(), route->get(), NLM_F_CREATE | NLM_F_REPLACE); code < 0)
    return netlink_failure("replace route to " + own.text() + " of " + link, code);
  return {};
}

SystemResult<void> remove_route(const RouteEntry& entry) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto route = route_of(socket->get(), entry);
  if (!route) return tl::unexpected(route.error());
  if (const int code = rtnl_route_delete(socket->get(), route->get(), 0); code < 0)
    return netlink_failure("remove route " + entry.to.text() + " by " + entry.link, code);
  return {};
}

RouteEntry way_to_nowhere(const AddressBlock& block) {
  return {block, dead_end, block.address.is_v4() ? nowhere_v4 : nowhere_v6, std::nullopt};
}

SystemResult<void> lay_dead_end() {
  const std::string link = dead_end;
  auto here = NetworkNamespace::current();
  if (!here) return tl::unexpected(here.error());
  if (auto done = lay_cable(link, *here, link + "far"); !done) return done;
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto index = index_of(socket->get(), link);
  if (!index) return tl::unexpected(index.error());
  // A hardware address that nobody has: the far end takes nothing in.
  const std::array<unsigned char, 6> nobody{2, 0, 0, 0, 0, 1};
  for (const IpAddress& address : {nowhere_v4, nowhere_v6}) {
    const NetlinkObject<rtnl_neigh> neighbour(rtnl_neigh_alloc());
    const NetlinkObject<nl_addr> hardware(nl_addr_build(AF_LLC, nobody.data(), nobody.size()));
    const NetlinkObject<nl_addr> where = netlink_address(address);
    rtnl_neigh_set_ifindex(neighbour.get(), *index);
    rtnl_neigh_set_family(neighbour.get(), address.is_v4() ? AF_INET : AF_INET6);
    rtnl_neigh_set_dst(neighbour.get(), where.get());
    rtnl_neigh_set_lladdr(neighbour.get(), hardware.get());
    rtnl_neigh_set_state(neighbour.get(), NUD_PERMANENT);
    if (const int code = rtnl_neigh_add(socket->get(), neighbour.get(), NLM_F_CREATE); code < 0)
      return netlink_failure("add neighbour " + address.text(), code);
  }
  return {};
}

SystemResult<void> swallow_the_rest(Family family) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  NetlinkObject<rtnl_route> route(rtnl_route_alloc());
  const NetlinkObject<nl_addr> everything = netlink_address(IpAddress::any(family), 0);
  rtnl_route_set_family(route.get(), static_cast<std::uint8_t>(family == Family::inet ? AF_INET : AF_INET6));
  rtnl_route_set_dst(route.get(), everything.get());
  rtnl_route_set_type(route.get(), RTN_BLACKHOLE);
  rtnl_route_set_table(route.get(), RT_TABLE_MAIN);
  return add(socket->get(), route.get(), "blackhole default");
}

SystemResult<void> remove_link(const std::string& name) {
  auto socket = open_route_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto link = find_link(socket->get(), name);
  if (!link) return tl::unexpected(link.error());
  if (const int code = rtnl_link_delete(socket->get(), link->get()); code < 0)
    return netlink_failure("remove interface " + name, code);
  return {};
}

}  // namespace netlimits::live
