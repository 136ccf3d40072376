"""Requests that need nothing of what a lock guards leave it; other work stays."""

import threading
import time

import requests

lock = threading.Lock()
prices = {}
URL = "https://example.com"
mirror = {"url": URL}


def first(symbol):
    # The price, and where it is kept.
    with lock:
        # Asks the server.
        fresh = requests.get(
            f"{URL}/{symbol}",
            timeout=3,
        ).json()  # at last

        prices[symbol] = fresh
        return fresh


class Client:
    def __init__(self, url):
        self.url = url
        self.count = 0
        self.token = ""
        self._lock = threading.Lock()

    def last(self, name):
        with self._lock:
            self.count += 1
            return requests.get(f"{self.url}/{name}").text

    # Refused from here on.

    def reads_state(self, name):
        with self._lock:
            self.token = name
            return requests.get(f"{self.url}/{self.token}").text

    def reads_what_is_set_here(self):
        with self._lock:
            count = self.count
            return requests.get(f"https://example.com/{count}").text

    def keeps_it(self, name):
        with self._lock:
            self.token = requests.get(self.url).text
            return self.token


def in_the_middle(symbol):
    with lock:
        if symbol in prices:
            return prices[symbol]
        fresh = requests.get(f"{URL}/{symbol}").json()
        prices[symbol] = fresh
        return fresh


def reads_a_shared_object(symbol):
    with lock:
        prices[symbol] = 1
        return requests.post(URL, json=mirror)


def calls_others(symbol):
    with lock:
        fresh = requests.get(first(symbol))
        prices[symbol] = fresh


def another_name(symbol):
    known = prices
    with lock:
        prices[symbol] = 1
        return requests.post(URL, json=known)


def pauses(symbol):
    with lock:
        prices[symbol] = 1
        time.sleep(1)


def only(symbol):
    with lock:
        return requests.get(f"{URL}/{symbol}")


def two(symbol):
    with lock:
        fresh = requests.get(f"{URL}/{symbol}")
        prices[symbol] = requests.get(f"{URL}/{fresh}")


def of_a_loop(symbols):
    for symbol in symbols:
        with lock:
            fresh = requests.get(f"{URL}/{symbol}")
            prices[symbol] = fresh


def one_of_two(symbol):
    known, other = prices, symbol
    with lock:
        prices[other] = 1
        return requests.post(URL, json=known)


def changes_what_it_is_given(symbol, data):
    with lock:
        data["price"] = prices[symbol]
        return requests.post(URL, json=data)
