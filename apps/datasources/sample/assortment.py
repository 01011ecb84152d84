"""What the company sells: categories, the things in them, and the variants that these come in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """`price` in euro cents and `grams` are those of the smallest variant."""

    name: str
    price: int
    grams: int


@dataclass(frozen=True, slots=True)
class Category:
    """`peak` are the months in which it sells best. Each item comes in each style, or in some."""

    name: str
    description: str
    peak: tuple[int, ...]
    styles: tuple[str, ...]
    items: tuple[Item, ...]


ASSORTMENT = (
    Category(
        "Cookware",
        "Pots, pans and what goes into the oven",
        (10, 11, 12),
        ("cast iron", "stainless steel", "copper", "enamelled"),
        (
            Item("Rösti Pan", 3490, 1400),
            Item("Crêpe Pan", 2990, 1100),
            Item("Stockpot", 5990, 2600),
            Item("Sauté Pan", 4590, 1700),
            Item("Gratin Dish", 2450, 1500),
            Item("Fondue Set", 6900, 3200),
            Item("Crème Brûlée Dish", 890, 300),
        ),
    ),
    Category(
        "Tea & Coffee",
        "Everything for the hot cup",
        (1, 11, 12),
        ("0.3 l", "0.5 l", "0.8 l", "1.2 l"),
        (
            Item("Café Press", 2790, 700),
            Item("Teapot", 3190, 800),
            Item("Pour-over Jug", 2590, 600),
            Item("Maté Gourd", 1490, 250),
            Item("Milk Frother Jug", 1790, 350),
            Item("Enamel Mug", 990, 280),
        ),
    ),
    Category(
        "Garden",
        "Tools and pots for balcony and garden",
        (3, 4, 5, 6),
        ("small", "medium", "large"),
        (
            Item("Jardinière", 1990, 2200),
            Item("Terracotta Pot", 1290, 1900),
            Item("Watering Can", 2290, 900),
            Item("Pruning Shears", 2690, 300),
            Item("Trellis", 1890, 1500),
            Item("Bird Bath", 3990, 4200),
            Item("Seed Tray", 790, 350),
        ),
    ),
    Category(
        "Camping",
        "Light things for nights outside",
        (5, 6, 7, 8),
        ("for one", "for two", "for four"),
        (
            Item("Tent", 12900, 2400),
            Item("Hammock", 4490, 700),
            Item("Trail Stove", 5490, 450),
            Item("Picnic Hamper", 5990, 2800),
            Item("Cook Set", 3890, 900),
            Item("Sleeping Mat", 3290, 650),
        ),
    ),
    Category(
        "Lighting",
        "Lamps and lanterns",
        (9, 10, 11, 12),
        ("oak", "brass", "black", "white"),
        (
            Item("Desk Lamp", 5490, 1700),
            Item("Storm Lantern", 2990, 900),
            Item("Pendant Lamp", 7990, 2100),
            Item("Sólás Floor Lamp", 11900, 4800),
            Item("String Lights", 1990, 400),
        ),
    ),
    Category(
        "Textiles",
        "Linen, cotton and wool for the house",
        (1, 2, 9, 10),
        ("linen", "cotton", "wool", "hemp"),
        (
            Item("Tea Towel", 890, 120),
            Item("Throw", 4990, 1100),
            Item("Cushion Cover", 1890, 250),
            Item("Tablecloth", 3990, 700),
            Item("Apron", 2490, 300),
            Item("Bath Towel", 2190, 550),
        ),
    ),
    Category(
        "Stationery",
        "Paper and what is needed to write on it",
        (1, 8, 9),
        ("A4", "A5", "A6", "pocket"),
        (
            Item("Notebook", 1290, 350),
            Item("Sketchbook", 1590, 450),
            Item("Résumé Folder", 990, 200),
            Item("Weekly Planner", 1790, 400),
            Item("Letter Set", 1490, 300),
        ),
    ),
    Category(
        "Toys",
        "Wooden toys and games",
        (10, 11, 12),
        ("beech", "maple", "painted"),
        (
            Item("Building Blocks", 2990, 1500),
            Item("Piñata Kit", 1990, 600),
            Item("Stacking Tower", 1690, 500),
            Item("Spinning Top", 590, 80),
            Item("Marble Run", 4490, 2100),
            Item("Dominoes", 1490, 450),
        ),
    ),
    Category(
        "Bath",
        "Soap, brushes and baskets",
        (2, 3, 11, 12),
        ("lavender", "rosemary", "unscented"),
        (
            Item("Olive Soap", 490, 110),
            Item("Bath Brush", 1490, 180),
            Item("Sauna Bucket", 3990, 1600),
            Item("Laundry Basket", 3490, 1400),
            Item("Soap Dish", 990, 220),
        ),
    ),
    Category(
        "Storage",
        "Boxes, jars and shelves",
        (1, 2, 3),
        ("XS", "S", "M", "L", "XL"),
        (
            Item("Preserving Jar", 390, 300),
            Item("Bread Box", 2990, 1800),
            Item("Felt Box", 1590, 350),
            Item("Wall Shelf", 3490, 2300),
            Item("Wine Rack", 3990, 2600),
        ),
    ),
    Category(
        "Tools",
        "Small tools that last",
        (3, 4, 9, 10),
        ("Classic", "Pro", "Pro+"),
        (
            Item("Smörgås Knife", 1690, 90),
            Item("Folding Saw", 2890, 320),
            Item("Claw Hammer", 2390, 650),
            Item("Screwdriver Set", 3490, 700),
            Item("Whetstone", 2790, 800),
            Item("Spirit Level", 1990, 450),
        ),
    ),
    Category(
        "Festive",
        "Candles, baubles and gift wrap",
        (11, 12),
        ("red", "gold", "silver", "natural"),
        (
            Item("Beeswax Candle", 1190, 250),
            Item("Glass Bauble", 690, 60),
            Item("Advent Wreath", 3990, 1200),
            Item("Gift Wrap Roll", 490, 150),
            Item("Noël Garland", 1790, 380),
            Item("Piñata Kit", 2190, 650),
        ),
    ),
)
