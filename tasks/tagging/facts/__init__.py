"""What an article states in numbers or fixed words: ratings, results, moves, dividends, deals."""
