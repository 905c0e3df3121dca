// One RTM_GETROUTE request through libnl and the reading of its one answer.
#include "live/machine/route_source.hpp"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

namespace netlimits::live {
namespace {

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};

tl::unexpected<SystemFailure> route_failure(int code) {
  return tl::unexpected(SystemFailure{std::string("ask for a route: ") + nl_geterror(code), 0});
}

std::array<unsigned char, 16> bytes_of(const IpAddress& address) {
  std::array<unsigned char, 16> bytes{};
  if (address.is_v4()) {
    const std::uint32_t word = htonl(address.v4_bits());
    std::memcpy(bytes.data(), &word, sizeof word);
    return bytes;
  }
  for (std::size_t i = 0; i < 8; ++i) {
    bytes.at(i) = static_cast<unsigned char>(address.high() >> (56U - 8U * i));
    bytes.at(8 + i) = static_cast<unsigned char>(address.low() >> (56U - 8U * i));
  }
  return bytes;
}

std::optional<IpAddress> address_in(unsigned char family, const void* data, std::size_t length) {
  std::array<unsigned char, 16> bytes{};
  const std::size_t wanted = family == AF_INET ? 4 : 16;
  if (length < wanted) return std::nullopt;
  std::memcpy(bytes.data(), data, wanted);
  if (family == AF_INET) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return IpAddress::v4(ntohl(word));
  }
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = high << 8U | bytes.at(i);
    low = low << 8U | bytes.at(8 + i);
  }
  return IpAddress::v6(high, low);
}

int on_route(nl_msg* message, void* argument) {
  const nlmsghdr* header = nlmsg_hdr(message);
  if (header->nlmsg_type != RTM_NEWROUTE) return NL_OK;
  const auto* route = static_cast<const rtmsg*>(nlmsg_data(header));
  const nlattr* source = nlmsg_find_attr(const_cast<nlmsghdr*>(header), sizeof(rtmsg), RTA_PREFSRC);
  if (source == nullptr) return NL_OK;
  *static_cast<std::optional<IpAddress>*>(argument) =
      address_in(route->rtm_family, nla_data(source), static_cast<std::size_t>(nla_len(source)));
  return NL_OK;
}

// The kernel's own errno, which the library would translate into words of its own.
int on_error(sockaddr_nl*, nlmsgerr* error, void* argument) {
  *static_cast<int*>(argument) = -error->error;
  return NL_STOP;
}

}  // namespace

SystemResult<IpAddress> route_source(const IpAddress& destination) {
  const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  if (!socket) return route_failure(-NLE_NOMEM);
  if (const int code = nl_connect(socket.get(), NETLINK_ROUTE); code < 0) return route_failure(code);
  const IpAddress to = destination.unmapped();
  rtmsg ask{};
  ask.rtm_family = static_cast<unsigned char>(to.is_v4() ? AF_INET : AF_INET6);
  ask.rtm_dst_len = to.is_v4() ? 32 : 128;
  const std::unique_ptr<nl_msg, FreeMessage> message(nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST));
  if (!message) return route_failure(-NLE_NOMEM);
  nlmsg_append(message.get(), &ask, sizeof ask, NLMSG_ALIGNTO);
  const auto bytes = bytes_of(to);
  nla_put(message.get(), RTA_DST, to.is_v4() ? 4 : 16, bytes.data());
  std::optional<IpAddress> source;
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, on_route, &source);
  int number = 0;
  nl_socket_modify_err_cb(socket.get(), NL_CB_CUSTOM, on_error, &number);
  // A route comes as one message without an acknowledgement after it.
  nl_socket_disable_auto_ack(socket.get());
  if (const int code = nl_send_auto(socket.get(), message.get()); code < 0) return route_failure(code);
  const int code = nl_recvmsgs_default(socket.get());
  if (number != 0) {
    errno = number;
    return system_failure("ask for a route");
  }
  if (code < 0) return route_failure(code);
  if (!source) return tl::unexpected(SystemFailure{"no route says which source address it has", 0});
  return *source;
}

}  // namespace netlimits::live
