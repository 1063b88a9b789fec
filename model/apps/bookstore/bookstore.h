// Bookstore: catalogue, cart, orders, best sellers, recommendations, search (docs/apps/bookstore.md), after a published
// demonstration.
//
//   books(), category(name), book(id)                     GET /books, /books?category=, /books/{id}
//   cart(customer), item(customer, book)                  GET /cart, /cart/{bookId}
//   add, update(customer, number, book, quantity)         POST, PUT /cart
//   remove(customer, number, book)                        DELETE /cart
//   checkout(customer, number), orders(customer)          POST, GET /orders
//   bestsellers()                                         GET /bestsellers
//   recommendations(customer)                             GET /recommendations
//   friends_who_bought(customer, book)                    GET /recommendations/{bookId}
//   search(phrase)                                        GET /search
//   befriend(customer, friend)
//   publish(book, category, name, author, price), retitle(book, name)      the shop's own staff
//   events(), count(from, to, sales)                                       the stream worker
//
// `workload.keys` books to begin with, a customer for each client. Client 0 is the stream worker, client 1 the staff.
#pragma once

#include <cstdint>

#include "model/apps/application.h"

namespace tidemark::model {

inline constexpr std::string_view kBookstore = "bookstore";

ApplicationInfo bookstore_application();

/// Is this client no customer, but the stream worker or the staff?
bool is_of_the_shop(std::uint32_t client);

}  // namespace tidemark::model
