"""Reading data marts: a validated request, one engine a storage type, and a stream that can be cut at any moment.

Takes and gives plain values; knows neither Flask nor the tables of the service.
"""
