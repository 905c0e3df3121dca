// Inside live/sandbox/: libnl's objects, owned, and its errors in words.
#pragma once

#include <netlink/addr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

#include <memory>
#include <string>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

struct NetlinkRelease {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
  void operator()(nl_msg* message) const { nlmsg_free(message); }
  void operator()(nl_addr* address) const { nl_addr_put(address); }
  void operator()(rtnl_link* link) const { rtnl_link_put(link); }
  void operator()(rtnl_addr* address) const { rtnl_addr_put(address); }
  void operator()(rtnl_neigh* neighbour) const { rtnl_neigh_put(neighbour); }
  void operator()(rtnl_route* route) const { rtnl_route_put(route); }
};
template <class T>
using NetlinkObject = std::unique_ptr<T, NetlinkRelease>;

// libnl has error numbers of its own and does not pass on errno.
inline tl::unexpected<SystemFailure> netlink_failure(const std::string& what, int code) {
  return tl::unexpected(SystemFailure{what + ": " + nl_geterror(code), 0});
}

}  // namespace netlimits::live
