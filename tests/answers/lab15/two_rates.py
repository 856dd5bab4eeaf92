from torch import nn


def right_ids(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Compares by id."""
    backbone = {id(p) for p in model.backbone.parameters()}
    slow = [p for p in model.parameters() if p.requires_grad and id(p) in backbone]
    fast = [p for p in model.parameters() if p.requires_grad and id(p) not in backbone]
    return [{"params": slow, "lr": lr * slower}, {"params": fast, "lr": lr}]


def right_names(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """By the beginning of the names, with the dot; the fast group first."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for n, p in named if not n.startswith("backbone.")], "lr": lr},
        {"params": [p for n, p in named if n.startswith("backbone.")], "lr": lr * slower},
    ]


def right_sets(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Parameters can be hashed; another key says which group it is."""
    learns = {p for p in model.parameters() if p.requires_grad}
    backbone = learns & set(model.backbone.parameters())
    return [
        {"params": list(backbone), "lr": slower * lr, "name": "backbone"},
        {"params": list(learns - backbone), "lr": lr, "name": "head"},
    ]


def wrong_all(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Takes the frozen parameters along."""
    backbone = {id(p) for p in model.backbone.parameters()}
    return [
        {"params": list(model.backbone.parameters()), "lr": lr * slower},
        {"params": [p for p in model.parameters() if id(p) not in backbone], "lr": lr},
    ]


def wrong_twice(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """The backbone is in both groups."""
    return [
        {"params": [p for p in model.backbone.parameters() if p.requires_grad], "lr": lr * slower},
        {"params": [p for p in model.parameters() if p.requires_grad], "lr": lr},
    ]


def wrong_swapped(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """The head learns slowly."""
    backbone = {id(p) for p in model.backbone.parameters()}
    learns = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in learns if id(p) in backbone], "lr": lr},
        {"params": [p for p in learns if id(p) not in backbone], "lr": lr * slower},
    ]


def wrong_factor(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Takes the factor for a rate."""
    backbone = {id(p) for p in model.backbone.parameters()}
    learns = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in learns if id(p) in backbone], "lr": slower},
        {"params": [p for p in learns if id(p) not in backbone], "lr": lr},
    ]


def wrong_substring(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Any name with the word in it."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for n, p in named if "backbone" in n], "lr": lr * slower},
        {"params": [p for n, p in named if "backbone" not in n], "lr": lr},
    ]


def wrong_head_attribute(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Knows only `head` besides the backbone."""
    return [
        {"params": [p for p in model.backbone.parameters() if p.requires_grad], "lr": lr * slower},
        {"params": [p for p in model.head.parameters() if p.requires_grad], "lr": lr},
    ]


def wrong_thaw(model: nn.Module, lr: float, slower: float = 0.1) -> list[dict]:
    """Thaws everything first."""
    for p in model.parameters():
        p.requires_grad = True
    backbone = {id(p) for p in model.backbone.parameters()}
    return [
        {"params": list(model.backbone.parameters()), "lr": lr * slower},
        {"params": [p for p in model.parameters() if id(p) not in backbone], "lr": lr},
    ]
